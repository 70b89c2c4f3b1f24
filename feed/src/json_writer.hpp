#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace feed::detail {

/// Writes JSON piece by piece. The caller opens and closes; commas come by themselves.
class json_writer {
public:
    explicit json_writer(std::string& to) : to_(to) {}

    void open(char bracket)
    {
        separate();
        to_.push_back(bracket);
        first_ = true;
    }

    void close(char bracket)
    {
        to_.push_back(bracket);
        first_ = false;
    }

    void key(std::string_view name)
    {
        separate();
        quote(name);
        to_.push_back(':');
        first_ = true; // no comma before the value
    }

    void value(std::string_view text)
    {
        separate();
        quote(text);
    }

    void value(std::int64_t number)
    {
        separate();
        char digits[24];
        to_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
    }

    void value(double number)
    {
        separate();
        char digits[40];
        to_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
    }

    void boolean(bool truth)
    {
        separate();
        to_.append(truth ? "true" : "false");
    }

    void null()
    {
        separate();
        to_.append("null");
    }

    /// A member; nothing if `text` is null.
    void member(std::string_view name, std::string_view text)
    {
        if (text.data() == nullptr)
            return;
        key(name);
        value(text);
    }

private:
    void separate()
    {
        if (!first_)
            to_.push_back(',');
        first_ = false;
    }

    void quote(std::string_view text);

    std::string& to_;
    bool first_ = true;
};

} // namespace feed::detail
