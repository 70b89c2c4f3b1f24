#include "as_json.hpp"

#include <nlohmann/json.hpp>

namespace {

using json = nlohmann::ordered_json;
namespace inspect = ruche::inspect;

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

json wait_as_json(const inspect::waiting& one)
{
    return {{"process", one.process}, {"thread", one.thread}, {"why", one.why}, {"seconds", seconds(one.since)}};
}

json object_as_json(const inspect::object& one, const rates& speeds)
{
    json made{{"id", one.id}, {"kind", one.kind}, {"name", one.name}, {"users", one.users}, {"facts", one.facts}};
    if (const auto speed = speeds.of(one))
        made["rates"] = {{"pushed_per_second", speed->pushed}, {"popped_per_second", speed->popped}};
    made["holders"] = json::array();
    for (const auto& by : one.holders)
        made["holders"].push_back(
            {{"process", by.process}, {"thread", by.thread}, {"how", by.how}, {"count", by.count}});
    made["waiters"] = json::array();
    for (const auto& who : one.waiters)
        made["waiters"].push_back(wait_as_json(who));
    return made;
}

json deadlock_as_json(const inspect::deadlock& one)
{
    json steps = json::array();
    for (const auto& step : one.steps)
        steps.push_back(
            {{"process", step.process}, {"thread", step.thread}, {"object", step.object}, {"held_by", step.held_by}});
    return steps;
}

json program_as_json(const inspect::program& one, const rates& speeds)
{
    json made{{"id", one.id}, {"name", one.name}, {"waits_hidden", one.waits_hidden}};
    for (const char* list : {"processes", "objects", "other_waits", "deadlocks"})
        made[list] = json::array();
    for (const auto& process : one.processes)
        made["processes"].push_back({{"id", process.id},
                                     {"parent", process.parent},
                                     {"name", process.name},
                                     {"role", process.role},
                                     {"state", process.state},
                                     {"threads", process.threads},
                                     {"memory", process.memory}});
    for (const auto& object : one.objects)
        made["objects"].push_back(object_as_json(object, speeds));
    for (const auto& wait : one.other_waits) {
        made["other_waits"].push_back(wait_as_json(wait.who));
        made["other_waits"].back()["for_process"] = wait.for_process;
    }
    for (const auto& found : one.deadlocks)
        made["deadlocks"].push_back(deadlock_as_json(found));
    return made;
}

} // namespace

std::string as_json(const std::vector<ruche::inspect::program>& programs, const rates& speeds)
{
    json made{{"format", 1}, {"programs", json::array()}};
    for (const auto& program : programs)
        made["programs"].push_back(program_as_json(program, speeds));
    // Names of processes may be any bytes.
    return made.dump(-1, ' ', false, json::error_handler_t::replace);
}
