#include "os/local_address.hpp"

#include "os/os_error.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace ruche::os {

namespace {

namespace fs = std::filesystem;

bool is_private(const fd& folder)
{
    struct stat status {};
    check(::fstat(folder.get(), &status), "look at a folder for sockets");
    return status.st_uid == ::geteuid() && (status.st_mode & 077) == 0;
}

bool belongs_to_this_user(const fs::path& path)
{
    struct stat status {};
    return path.is_absolute() && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
           status.st_uid == ::geteuid();
}

fs::path users_own_folder()
{
    if (const char* const given = ::secure_getenv("XDG_RUNTIME_DIR"); given && belongs_to_this_user(given))
        return fs::path(given) / "ruche";
    const std::string user = std::to_string(::geteuid());
    if (const fs::path usual = "/run/user/" + user; belongs_to_this_user(usual))
        return usual / "ruche";
    return "/tmp/ruche-" + user;
}

fd open_folder(const fs::path& path)
{
    if (::mkdir(path.c_str(), 0700) == -1 && errno != EEXIST)
        throw_errno("make " + path.string() + ", the folder for sockets");
    fd folder(check(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "open ", path.string(),
                    ", the folder for sockets"));
    if (!is_private(folder))
        throw_error(EACCES, "use " + path.string() +
                                " as the folder for sockets: it must belong to this user, and be closed to others "
                                "(mode 0700)");
    return folder;
}

sockaddr_un address_of(const private_folder& folder, const std::string& name)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = "/proc/self/fd/" + std::to_string(folder.descriptor().get()) + "/" + name;
    if (path.size() >= sizeof address.sun_path)
        throw_error(ENAMETOOLONG, "use '" + name + "' as the name of a socket");
    std::memcpy(address.sun_path, path.c_str(), path.size());
    return address;
}

fd make_socket() { return own(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), "make a socket"); }

ucred peer_of(const fd& connection)
{
    ucred peer{};
    socklen_t size = sizeof peer;
    check(::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size), "ask who is at the end of a socket");
    return peer;
}

// A copy that a dead listener's child has kept of the socket accepts nobody, so who listens is asked, too.
bool somebody_listens(const private_folder& folder, const std::string& name)
{
    const fd connection = try_connect(folder, name, deadline(std::chrono::milliseconds(100)));
    if (!connection)
        return errno == EAGAIN; // so many wait there that there is no room for one more
    const int pid = peer_of(connection).pid;
    return pid == 0 || ::kill(pid, 0) == 0 || errno != ESRCH;
}

void set_patience(const fd& socket, const deadline& until)
{
    using namespace std::chrono;
    const auto left = std::max<nanoseconds>(until.is_never() ? nanoseconds(0) : until.left(), microseconds(1));
    timeval time{};
    if (!until.is_never()) {
        time.tv_sec = static_cast<time_t>(duration_cast<seconds>(left).count());
        time.tv_usec = static_cast<suseconds_t>(duration_cast<microseconds>(left % seconds(1)).count());
    }
    check(::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time), "limit the time to connect");
}

} // namespace

private_folder::private_folder(const fs::path& path) :
    path_(path.empty() ? users_own_folder() : path), descriptor_(open_folder(path_))
{}

fd private_folder::lock() const
{
    fd file(check(::openat(descriptor_.get(), ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600), "open ",
                  (path_ / ".lock").string()));
    check(retry([&] { return ::flock(file.get(), LOCK_EX); }), "lock ", path_.string());
    return file;
}

stored_key key_in(const private_folder& folder)
{
    static constexpr const char* name = ".key";
    const fd lock = folder.lock();
    stored_key key{};
    const std::string path = (folder.path() / name).string();
    const fd there(::openat(folder.descriptor().get(), name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (there && check(retry([&] { return ::read(there.get(), key.data(), key.size()); }), "read ", path) ==
                     static_cast<ssize_t>(key.size()))
        return key;
    if (!there && errno != ENOENT)
        throw_errno("open " + path);
    // Written aside and renamed: whoever dies in between leaves no half of a key.
    if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size()))
        throw_errno("ask for random bytes for a key");
    const fd fresh(check(
        ::openat(folder.descriptor().get(), ".key.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600),
        "make ", path));
    if (check(retry([&] { return ::write(fresh.get(), key.data(), key.size()); }), "write ", path) !=
        static_cast<ssize_t>(key.size()))
        throw_error(ENOSPC, "write " + path);
    check(::renameat(folder.descriptor().get(), ".key.new", folder.descriptor().get(), name), "name ", path);
    return key;
}

named_socket listen_in(const private_folder& folder, const std::string& name)
{
    const fd lock = folder.lock();
    const std::string path = (folder.path() / name).string();
    if (somebody_listens(folder, name))
        throw_error(EADDRINUSE, "listen at " + path);
    const std::string aside = "." + name + ".new";
    const int directory = folder.descriptor().get();
    if (::unlinkat(directory, aside.c_str(), 0) == -1 && errno != ENOENT)
        throw_errno("remove what a dead process left at " + (folder.path() / aside).string());
    named_socket made{make_socket(), {}};
    check(::fchmod(made.socket.get(), 0600), "make the socket at ", path, " private"); // the mode of its name, on Linux
    const sockaddr_un address = address_of(folder, aside);
    check(::bind(made.socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "name the socket at ",
          path);
    check(::listen(made.socket.get(), SOMAXCONN), "listen at ", path);
    check(::fcntl(made.socket.get(), F_SETFL, O_NONBLOCK), "listen at ", path);
    struct stat status {};
    check(::fstatat(directory, aside.c_str(), &status, AT_SYMLINK_NOFOLLOW), "look at ", path);
    made.identity = {status.st_dev, status.st_ino};
    check(::renameat(directory, aside.c_str(), directory, name.c_str()), "name the socket ", path);
    return made;
}

void remove_name(const private_folder& folder, const std::string& name, const socket_identity& which) noexcept
{
    // Without the lock a new listener's name could be removed between the look and the removal; if the lock can't be
    // had, the name stays, stale, and the next listener takes it.
    fd lock(::openat(folder.descriptor().get(), ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!lock || retry([&] { return ::flock(lock.get(), LOCK_EX); }) == -1)
        return;
    struct stat status {};
    if (::fstatat(folder.descriptor().get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        socket_identity{status.st_dev, status.st_ino} == which)
        ::unlinkat(folder.descriptor().get(), name.c_str(), 0);
}

fd accept_connection(const fd& listener)
{
    const int number = retry([&] { return ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); });
    if (number == -1 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ECONNABORTED || errno == EINVAL))
        return {};
    return own(number, "accept a connection");
}

fd try_connect(const private_folder& folder, const std::string& name, const deadline& until)
{
    fd socket = make_socket();
    set_patience(socket, until);
    const sockaddr_un address = address_of(folder, name);
    if (retry([&] { return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address); }) ==
        0)
        return socket;
    if (errno != ENOENT && errno != ECONNREFUSED && errno != EAGAIN)
        throw_errno("connect to " + (folder.path() / name).string());
    const int why = errno;
    socket.reset();
    errno = why;
    return {};
}

fd watch_names(const private_folder& folder)
{
    fd watch = own(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK), "watch a folder");
    const std::string path = "/proc/self/fd/" + std::to_string(folder.descriptor().get());
    check(::inotify_add_watch(watch.get(), path.c_str(), IN_MOVED_TO), "watch ", folder.path().string());
    return watch;
}

void clear_watch(const fd& watch) noexcept
{
    alignas(inotify_event) std::array<char, 4096> events;
    while (retry([&]() noexcept { return ::read(watch.get(), events.data(), events.size()); }) > 0)
        ;
}

bool peer_is_same_user(const fd& connection) { return peer_of(connection).uid == ::geteuid(); }

fd make_collection() { return own(::epoll_create1(EPOLL_CLOEXEC), "make a collection of descriptors"); }

void add_to_collection(const fd& collection, const fd& member)
{
    epoll_event interest{};
    interest.events = EPOLLIN;
    check(::epoll_ctl(collection.get(), EPOLL_CTL_ADD, member.get(), &interest), "watch a connection");
}

} // namespace ruche::os
