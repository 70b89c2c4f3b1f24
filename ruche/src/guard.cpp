#include "guard.hpp"

#include "lifeline.hpp"
#include "os/os_error.hpp"
#include "os/socket.hpp"
#include "start_request.hpp"

#include <array>
#include <cerrno>

namespace ruche {

void be_guarded(const fd& requests, int starter, const fd& self)
{
    auto [ours, theirs] = os::message_socket_pair();
    const guard_request request{guard_request::right_mark, starter};
    const std::array parts{os::as_part(request)};
    const auto sent = os::send_message(requests.get(), parts, std::array{self.get(), theirs.get()});
    theirs.reset();
    bool ended = false;
    if (sent != os::transfer::done || !next_report(ours.get(), ended))
        os::throw_error(ECONNRESET, "be guarded by the fork server");
    // Were the server killed, and then the starter, nobody would end this process: so it ends with the server, as all
    // do.
    os::die_with_peer(ours);
    (void)ours.release(); // open for as long as the process lives
}

} // namespace ruche
