#include "queue/descriptor_mail.hpp"

namespace ruche::detail {

void descriptor_mail::look(std::uint32_t packet, os::packet_descriptors& descriptors) const
{
    os::packet_label label;
    while (os::peek_packet(back_, label, descriptors)) {
        if (label.number == packet)
            return;
        if (static_cast<std::int32_t>(label.number - packet) > 0)
            break; // not sent any more: the item says that it lacks them
        os::drop_packet(back_);
    }
    descriptors.clear();
}

// The kept packets can only be read in the order in which they were written, so they go round once: each is put behind
// the others before it is removed in front. A death in between leaves one of them twice, which does no harm.
void descriptor_mail::sort_kept(const std::function<bool(const os::packet_label&)>& is_wanted,
                                const os::packet_label& wanted, os::packet_descriptors& descriptors) const
{
    os::packet_label first;
    bool moved_any = false;
    os::packet_label label;
    os::packet_descriptors kept;
    while (os::peek_packet(front_, label, kept)) {
        if (moved_any && label == first)
            break;
        if (is_wanted(label)) {
            if (!os::send_packet(back_, label, kept.numbers()))
                break; // full: what is behind stays as it is until next time
            if (!moved_any)
                first = label;
            moved_any = true;
        }
        os::drop_packet(front_);
        if (label == wanted) {
            descriptors.clear();
            for (std::size_t i = 0; i < kept.numbers().size(); ++i)
                descriptors.add(kept.take(i).release());
        }
    }
}

} // namespace ruche::detail
