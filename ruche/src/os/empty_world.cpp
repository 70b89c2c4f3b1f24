#include "os/empty_world.hpp"

#include "os/family.hpp"
#include "os/os_error.hpp"
#include "os/packets.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ruche::os {

namespace {

constexpr int worlds = CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWCGROUP;

// The user's comes first: whoever enters it has all capabilities there, which the others ask for. The mounts' comes
// last: it changes what a path means.
constexpr std::array namespace_paths{"/proc/self/ns/user", "/proc/self/ns/net",    "/proc/self/ns/ipc",
                                     "/proc/self/ns/uts",  "/proc/self/ns/cgroup", "/proc/self/ns/mnt"};

int die_with(int parent) noexcept
{
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
        return errno;
    if (::getppid() != parent)
        exit_at_once(1); // it died meanwhile
    return 0;
}

/// An empty folder takes the place of all that is mounted, so that this world keeps no file system of the host's busy.
/// (pivot_root(2) tells of this use of ".".)
bool unmount_everything() noexcept
{
    constexpr unsigned long inert = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == -1 ||
        ::mount("nothing", "/proc", "tmpfs", inert, "size=4k,mode=555") == -1)
        return false;
    if (::chdir("/proc") == 0 && ::syscall(SYS_pivot_root, ".", ".") == 0)
        return ::umount2(".", MNT_DETACH) == 0 && ::chdir("/") == 0;
    ::umount2("/proc", MNT_DETACH);
    return false;
}

// A folder that holds nothing which could be opened, written to or left: the list of our own descriptors' facts.
int go_into_an_empty_folder() noexcept { return ::chroot("/proc/self/fdinfo") == -1 || ::chdir("/") == -1 ? errno : 0; }

} // namespace

int enter_empty_namespaces(int parent) noexcept
{
    if (::unshare(worlds) == -1)
        return errno;
    const int error = go_into_an_empty_folder();
    return error ? error : die_with(parent);
}

empty_world::empty_world()
{
    auto [shelf, hand] = make_packet_pair();
    shelf_ = std::move(shelf);
    hand_ = std::move(hand);
}

int empty_world::enter(int parent) const noexcept
{
    if (!enter_made())
        if (const int error = make())
            return error;
    return die_with(parent);
}

// By their numbers: the object is the server's, of which this process has a copy.
void empty_world::leave_to_others() const noexcept
{
    for (const int number : descriptors())
        ::close(number);
}

bool empty_world::enter_made() const noexcept
try {
    packet_label label;
    packet_descriptors kept;
    if (!peek_packet(shelf_, label, kept) || kept.numbers().size() != namespace_paths.size())
        return false;
    const bool entered =
        std::all_of(kept.numbers().begin(), kept.numbers().end(), [](int one) { return ::setns(one, 0) == 0; });
    kept.clear();
    return entered;
} catch (const os_error&) {
    return false; // for want of descriptors; one of its own needs none
}

int empty_world::make() const noexcept
try {
    if (::unshare(worlds) == -1)
        return errno;
    std::array<fd, namespace_paths.size()> namespaces;
    std::array<int, namespace_paths.size()> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        namespaces[i] = fd(::open(namespace_paths[i], O_RDONLY | O_CLOEXEC));
        numbers[i] = namespaces[i].get();
    }
    const bool all = std::all_of(numbers.begin(), numbers.end(), [](int one) { return one >= 0; });
    if (!unmount_everything()) // as in a chroot; then nobody is to follow
        return go_into_an_empty_folder();
    if (all)
        (void)send_packet(hand_, {}, numbers); // if there is no room, enough lies there
    return 0;
} catch (const os_error& error) {
    return error.code().value();
}

} // namespace ruche::os
