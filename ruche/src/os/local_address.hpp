#pragma once

#include <ruche/deadline.hpp>
#include <ruche/fd.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

/// Sockets with a name, for processes that nobody has started together (unix(7)). The names lie in one private folder
/// and are always reached through a descriptor of it, so that a folder that is exchanged on the way changes nothing,
/// and no path is too long for an address.
namespace ruche::os {

/// A folder that belongs to this user and that nobody else may enter.
class private_folder {
public:
    /// Opens it, and makes it if it is missing; an empty path stands for the user's own. Throws: `os_error`.
    explicit private_folder(const std::filesystem::path& path);

    [[nodiscard]] const fd& descriptor() const noexcept { return descriptor_; }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// Keeps all others out who lock it, for as long as the result lives, and no longer than this process does.
    [[nodiscard]] fd lock() const;

private:
    std::filesystem::path path_;
    fd descriptor_;
};

/// A random key that is kept in the folder, made by whoever comes first.
using stored_key = std::array<std::byte, 32>;
[[nodiscard]] stored_key key_in(const private_folder& folder);

/// Which socket a name stands for.
struct socket_identity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    friend bool operator==(const socket_identity&, const socket_identity&) noexcept = default;
};

/// Listens under a name, in the place of one whose process is gone. The name appears when connections can be made.
/// Throws: `os_error`; `address_in_use` if somebody listens there.
struct named_socket {
    fd socket;
    socket_identity identity;
};
[[nodiscard]] named_socket listen_in(const private_folder& folder, const std::string& name);

/// Removes the name, if it still stands for that socket.
void remove_name(const private_folder& folder, const std::string& name, const socket_identity& which) noexcept;

/// The next who has connected, or nothing if there is none now. Throws: `os_error`, also if there are no descriptors.
[[nodiscard]] fd accept_connection(const fd& listener);

/// A connection to whoever listens under the name; an empty one if nobody does (`errno` says why).
[[nodiscard]] fd try_connect(const private_folder& folder, const std::string& name, const deadline& until);

/// A descriptor that becomes readable when something in the folder changes its name.
[[nodiscard]] fd watch_names(const private_folder& folder);
void clear_watch(const fd& watch) noexcept;

/// Whether the process at the other end of a connection belongs to the same user as this one.
[[nodiscard]] bool peer_is_same_user(const fd& connection);

/// Adds what can be read to one descriptor that is readable when any of them is (epoll(7)).
[[nodiscard]] fd make_collection();
void add_to_collection(const fd& collection, const fd& member);

} // namespace ruche::os
