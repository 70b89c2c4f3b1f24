#pragma once

namespace ruche {

/// A file descriptor that somebody owns: closed when its owner goes, moved but never copied by accident.
///
///     ruche::fd log(::open("news.log", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
///
/// Across processes: an `fd` can be sent; the receiver gets a descriptor of its own for the same open file.
/// Thread safety: as an `int`: distinct objects from any threads, one object from one thread at a time.
class [[nodiscard]] fd {
public:
    fd() noexcept = default;

    /// Takes ownership of `number`; a negative one makes an empty `fd`.
    explicit fd(int number) noexcept : number_(number) {}

    fd(fd&& other) noexcept : number_(other.release()) {}
    fd& operator=(fd&& other) noexcept
    {
        if (this != &other)
            reset(other.release());
        return *this;
    }
    fd(const fd&) = delete;
    fd& operator=(const fd&) = delete;
    ~fd() { reset(); }

    /// The number, still owned by this object; negative if it is empty.
    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] explicit operator bool() const noexcept { return number_ >= 0; }

    /// Gives the number away: the caller closes it.
    [[nodiscard]] int release() noexcept
    {
        const int number = number_;
        number_ = -1;
        return number;
    }

    /// Closes what was owned and owns `number` instead.
    void reset(int number = -1) noexcept;

    /// Another descriptor for the same open file (close-on-exec). Throws: `os_error`.
    [[nodiscard]] fd duplicate() const;

private:
    int number_ = -1;
};

} // namespace ruche
