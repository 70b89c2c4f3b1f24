// What to write so that a type of one's own can be sent: mostly nothing.
#include <ruche/async.hpp>

#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

// 1. Nothing: all members are public and can be sent.
struct picture {
    std::string name;
    std::vector<float> pixels; // large: goes through shared memory, once
    std::optional<std::map<std::string, double>> places;
};

// 2. Private members: list them.
class account {
public:
    account() = default;
    account(std::string owner, long cents) : owner_(std::move(owner)), cents_(cents) {}
    [[nodiscard]] long cents() const { return cents_; }

private:
    std::string owner_;
    long cents_ = 0;

public:
    static constexpr std::tuple fields{&account::owner_, &account::cents_};
};

// 3. Something that can't travel: send what it is made from.
class session {
public:
    explicit session(std::string url) : url_(std::move(url)) {} // opens a connection
    [[nodiscard]] std::string get_state() const { return url_; }
    static session set_state(std::string url) { return session(std::move(url)); }
    [[nodiscard]] const std::string& url() const { return url_; }

private:
    std::string url_;
};

// 4. For files, and for builds that may differ: members may be added later.
struct settings {
    using evolves = ruche::by_name;
    int width = 640;
    std::string title = "none";
};

std::string describe(const picture& p, const account& a, const session& s, const settings& o)
{
    return p.name + " of " + std::to_string(p.pixels.size()) + " pixels, " + std::to_string(a.cents()) + " cents, " +
           s.url() + ", " + o.title;
}

int main()
{
    const picture large{"sunset", std::vector<float>(1'000'000, 0.5F), {}};
    std::cout << ruche::async(describe, large, account("bob", 250), session("http://localhost/"), settings{}).get()
              << '\n';
}

// prints: sunset of 1000000 pixels, 250 cents, http://localhost/, none
