#include "os/standing.hpp"

#include "os/os_error.hpp"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ruche::os {

namespace {

// What children get, where that is not what the thread itself has.
constexpr std::array namespace_names{"cgroup", "ipc", "mnt", "net", "pid_for_children", "time_for_children",
                                     "user",   "uts"};

// Each is a link to "net:[4026531840]". Reading it costs a third of asking for the facts of what it leads to.
std::uint64_t namespace_number(const fd& folder, const char* name)
{
    std::array<char, 64> text{};
    if (::readlinkat(folder.get(), name, text.data(), text.size() - 1) < 0)
        return 0;
    const char* number = std::strchr(text.data(), '[');
    return number ? std::strtoull(number + 1, nullptr, 10) : 0;
}

std::vector<std::uint32_t> supplementary_groups()
{
    std::array<gid_t, 64> few{};
    const int count = ::getgroups(static_cast<int>(few.size()), few.data());
    if (count >= 0)
        return {few.begin(), few.begin() + count};
    std::vector<gid_t> groups(static_cast<std::size_t>(check(::getgroups(0, nullptr), "count the groups")));
    check(::getgroups(static_cast<int>(groups.size()), groups.data()), "list the groups");
    return {groups.begin(), groups.end()};
}

fd open_namespaces(const char* folder)
{
    return own(::open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), "open the folder of namespaces in /proc");
}

} // namespace

bool executes_securely(const standing& own) noexcept
{
    return ::getauxval(AT_SECURE) != 0 || own.ids[0] != own.ids[1] || own.ids[3] != own.ids[4];
}

standing_finder::standing_finder() : owner_(::getpid()), namespaces_(open_namespaces("/proc/self/ns")) {}

standing standing_finder::find() const
{
    standing found;
    auto& ids = found.ids;
    ::getresuid(&ids[0], &ids[1], &ids[2]);
    ::getresgid(&ids[3], &ids[4], &ids[5]);
    found.groups = supplementary_groups();
    __user_cap_header_struct version{_LINUX_CAPABILITY_VERSION_3, 0};
    ::syscall(SYS_capget, &version, found.capabilities.data());
    found.restrictions = {::prctl(PR_GET_SECUREBITS), ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
                          ::prctl(PR_GET_SECCOMP)};
    struct stat root {};
    check(::stat("/", &root), "ask for the root directory");
    found.root = {root.st_dev, root.st_ino};
    const bool first_thread = ::gettid() == owner_;
    const fd of_this_thread = first_thread ? fd() : open_namespaces("/proc/thread-self/ns");
    for (std::size_t i = 0; i < namespace_names.size(); ++i)
        found.namespaces[i] = namespace_number(first_thread ? namespaces_ : of_this_thread, namespace_names[i]);
    return found;
}

} // namespace ruche::os
