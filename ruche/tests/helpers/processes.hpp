#pragma once

#include <ruche/stop.hpp>

#include <chrono>
#include <string>
#include <vector>

/// What tests of processes ask the system, and the small scopes in which they change it.
namespace helpers {

/// Whether a process of this id is there (a zombie is not).
[[nodiscard]] bool exists(int id);
/// Waits for the end of a process that need not be our child.
[[nodiscard]] bool gone_within(int id, std::chrono::nanoseconds patience);
[[nodiscard]] int parent_of(int id);
[[nodiscard]] bool readable_within(int descriptor, std::chrono::milliseconds patience);
[[nodiscard]] std::size_t count_descriptors();
/// What the descriptors from 3 on refer to, without sockets, events and anonymous memory, which are ruche's.
[[nodiscard]] std::vector<std::string> open_files_outside_of_ruche();
[[nodiscard]] std::string working_directory();

/// Sleeps until a stop is requested.
void wait_for_stop(const ruche::stop_token& stop);

class scoped_directory {
public:
    explicit scoped_directory(const std::string& path);
    ~scoped_directory();
    scoped_directory(const scoped_directory&) = delete;
    scoped_directory& operator=(const scoped_directory&) = delete;

private:
    int before_;
};

/// A descriptor whose output goes to a file for as long as the object lives.
class captured_output {
public:
    explicit captured_output(int descriptor);
    ~captured_output();
    captured_output(const captured_output&) = delete;
    captured_output& operator=(const captured_output&) = delete;
    [[nodiscard]] std::string text() const;

private:
    int descriptor_;
    int before_;
    int file_;
};

class closed_descriptor {
public:
    explicit closed_descriptor(int descriptor);
    ~closed_descriptor();
    closed_descriptor(const closed_descriptor&) = delete;
    closed_descriptor& operator=(const closed_descriptor&) = delete;

private:
    int descriptor_;
    int before_;
};

class temporary_file {
public:
    temporary_file();
    ~temporary_file();
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

} // namespace helpers
