// Encoding and decoding beside cereal, Boost.Serialization and msgpack, in one run, round by round, so that all meet
// the same machine. Prints the median time of ruche, and the others' as multiples of it.
#include "wire_data.hpp"

#include <ruche/wire.hpp>

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/map.hpp>
#include <boost/serialization/shared_ptr.hpp>
#include <boost/serialization/split_free.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/unordered_map.hpp>
#include <boost/serialization/vector.hpp>
#include <cereal/archives/binary.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iostream>
#include <streambuf>

namespace {

// ---- streams that neither copy twice nor write zeros, to be fair to those who need one

class into_memory : public std::streambuf {
public:
    void clear() { setp(memory_.data(), memory_.data() + memory_.size()); }
    std::string_view view() const { return {pbase(), static_cast<std::size_t>(pptr() - pbase())}; }

protected:
    std::streamsize xsputn(const char* from, std::streamsize count) override
    {
        if (epptr() - pptr() < count)
            grow(static_cast<std::size_t>(count));
        std::memcpy(pptr(), from, static_cast<std::size_t>(count));
        advance(static_cast<std::size_t>(count));
        return count;
    }
    int_type overflow(int_type letter) override
    {
        grow(1);
        return sputc(traits_type::to_char_type(letter));
    }

private:
    void advance(std::size_t count)
    {
        const auto used = static_cast<std::size_t>(pptr() - pbase()) + count;
        char* start = pbase();
        setp(start, epptr());
        while (used - static_cast<std::size_t>(pptr() - pbase()) > 0x40000000)
            pbump(0x40000000);
        pbump(static_cast<int>(used - static_cast<std::size_t>(pptr() - pbase())));
    }
    void grow(std::size_t count)
    {
        const auto used = static_cast<std::size_t>(pptr() - pbase());
        memory_.resize(std::max(memory_.size() * 2, used + count + 4096));
        setp(memory_.data(), memory_.data() + memory_.size());
        advance(used);
    }
    std::vector<char> memory_;
};

class from_memory : public std::streambuf {
public:
    explicit from_memory(std::string_view text)
    {
        char* start = const_cast<char*>(text.data()); // NOLINT: a streambuf takes no const, and doesn't write
        setg(start, start, start + text.size());
    }
};

// ---- the four

struct by_ruche {
    ruche::sink message;
    template <class T>
    void put(const T& value)
    {
        message.clear();
        ruche::encode(message, value);
    }
    template <class T>
    T get()
    {
        ruche::source in(message.bytes());
        return ruche::decode<T>(in);
    }
    std::size_t size() const { return message.size(); }
};

struct by_cereal {
    into_memory memory;
    template <class T>
    void put(const T& value)
    {
        memory.clear();
        std::ostream stream(&memory);
        cereal::BinaryOutputArchive archive(stream);
        archive(value);
    }
    template <class T>
    T get()
    {
        from_memory from(memory.view());
        std::istream stream(&from);
        cereal::BinaryInputArchive archive(stream);
        T value;
        archive(value);
        return value;
    }
    std::size_t size() const { return memory.view().size(); }
};

struct by_boost {
    into_memory memory;
    static constexpr unsigned flags = boost::archive::no_header | boost::archive::no_codecvt;
    template <class T>
    void put(const T& value)
    {
        memory.clear();
        boost::archive::binary_oarchive archive(static_cast<std::streambuf&>(memory), flags);
        archive << value;
    }
    template <class T>
    T get()
    {
        from_memory from(memory.view());
        boost::archive::binary_iarchive archive(static_cast<std::streambuf&>(from), flags);
        T value;
        archive >> value;
        return value;
    }
    std::size_t size() const { return memory.view().size(); }
};

struct by_msgpack {
    msgpack::sbuffer buffer;
    template <class T>
    void put(const T& value)
    {
        buffer.clear();
        msgpack::pack(buffer, value);
    }
    template <class T>
    T get()
    {
        return msgpack::unpack(buffer.data(), buffer.size()).get().template as<T>();
    }
    std::size_t size() const { return buffer.size(); }
};

struct by_memcpy { // the limit, for what is one piece of memory
    std::vector<char> memory;
    template <class T>
    void put(const std::vector<T>& value)
    {
        if (memory.size() < value.size() * sizeof(T))
            memory.resize(value.size() * sizeof(T));
        std::memcpy(memory.data(), value.data(), value.size() * sizeof(T));
        count = value.size();
    }
    template <class T>
    T get()
    {
        using element = typename T::value_type;
        const auto* start = reinterpret_cast<const element*>(memory.data());
        return T(start, start + count);
    }
    std::size_t size() const { return memory.size(); }
    std::size_t count = 0;
};

// ---- measuring

double seconds_of(const std::function<void()>& work, int times)
{
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i != times; ++i)
        work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / times;
}

double median(std::vector<double> times)
{
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
    return times[times.size() / 2];
}

struct rival {
    std::string name;
    std::function<void()> put, get;
    std::vector<double> put_times, get_times;
};

template <class Codec, class T>
rival make_rival(const std::string& name, const T& value)
{
    auto codec = std::make_shared<Codec>();
    return {name,
            [codec, &value] { codec->put(value); },
            [codec] {
                const T there = codec->template get<T>();
                asm volatile("" : : "r"(&there) : "memory");
            },
            {},
            {}};
}

void measure(const std::string& what, std::vector<rival> rivals, int rounds)
{
    rivals[0].put();
    const int times = std::max(1, static_cast<int>(0.002 / std::max(1e-9, seconds_of(rivals[0].put, 100))));
    for (auto& each : rivals)
        each.put();
    for (int round = 0; round != rounds; ++round)
        for (auto& each : rivals) {
            each.put_times.push_back(seconds_of(each.put, times));
            each.get_times.push_back(seconds_of(each.get, times));
        }
    const double put = median(rivals[0].put_times), get = median(rivals[0].get_times);
    std::printf("| %-10s | %10.3f | %10.3f |", what.c_str(), put * 1e6, get * 1e6);
    for (const std::string name : {"cereal", "boost", "msgpack", "memcpy"}) {
        const auto found = std::find_if(rivals.begin(), rivals.end(), [&](const rival& r) { return r.name == name; });
        if (found == rivals.end())
            std::printf(" %-13s |", "");
        else
            std::printf(" %5.2f / %5.2f |", median(found->put_times) / put, median(found->get_times) / get);
    }
    std::printf("\n");
    std::fflush(stdout);
}

template <class T>
std::vector<rival> all_of(const T& value)
{
    return {make_rival<by_ruche>("ruche", value), make_rival<by_cereal>("cereal", value),
            make_rival<by_boost>("boost", value), make_rival<by_msgpack>("msgpack", value)};
}
template <class T>
std::vector<rival> all_of_flat(const T& value)
{
    auto rivals = all_of(value);
    rivals.push_back(make_rival<by_memcpy>("memcpy", value));
    return rivals;
}

} // namespace

namespace boost::serialization {

template <class Archive>
void serialize(Archive& archive, wire_data::tick& t, unsigned)
{
    archive& t.time& t.price& t.size& t.flags;
}
template <class Archive>
void serialize(Archive& archive, wire_data::person& p, unsigned)
{
    archive& p.id& p.name& p.email& p.age& p.score& p.active& p.joined& p.groups;
}
template <class Archive>
void serialize(Archive& archive, wire_data::creature& c, unsigned)
{
    archive& c.health& c.mana& c.colour& c.kind& c.alive& c.x& c.y& c.z& c.inventory;
}
template <class Archive>
void serialize(Archive& archive, wire_data::tree& t, unsigned)
{
    archive& t.value& t.name& t.branches;
}
template <class Archive>
void serialize(Archive& archive, wire_data::call& c, unsigned)
{
    archive& c.id& c.path& c.width& c.height& c.quality;
}
template <class Archive>
void serialize(Archive& archive, wire_data::leaf& l, unsigned)
{
    archive& l.value& l.name;
}

} // namespace boost::serialization

BOOST_IS_BITWISE_SERIALIZABLE(wire_data::tick)
BOOST_CLASS_IMPLEMENTATION(wire_data::person, boost::serialization::object_serializable)
BOOST_CLASS_TRACKING(wire_data::person, boost::serialization::track_never)
BOOST_CLASS_IMPLEMENTATION(wire_data::creature, boost::serialization::object_serializable)
BOOST_CLASS_TRACKING(wire_data::creature, boost::serialization::track_never)
BOOST_CLASS_IMPLEMENTATION(wire_data::tree, boost::serialization::object_serializable)
BOOST_CLASS_TRACKING(wire_data::tree, boost::serialization::track_never)
BOOST_CLASS_IMPLEMENTATION(wire_data::call, boost::serialization::object_serializable)
BOOST_CLASS_TRACKING(wire_data::call, boost::serialization::track_never)

int main(int count, char** words)
{
    const int rounds = count > 1 ? std::atoi(words[1]) : 31;
    wire_data::maker make;
    const std::vector<std::uint8_t> bytes(4 << 20, 7);
    const std::vector<double> doubles(1 << 20, 1.5);
    const auto ticks = make.ticks();
    const auto strings = make.words(20'000, 0, 40);
    const auto people = make.people();
    const auto orders = make.orders();
    const auto creatures = make.creatures();
    const auto dict = make.dict();
    const auto forest = make.forest(6);
    const auto shared = make.shared();
    const wire_data::call call{7, "/images/0001.png", 640, 480, 0.8};

    std::printf(
        "| data       | encode, us | decode, us | cereal        | boost         | msgpack       | memcpy        |\n");
    std::printf(
        "|------------|------------|------------|---------------|---------------|---------------|---------------|\n");
    measure("bytes", all_of_flat(bytes), rounds);
    measure("doubles", all_of_flat(doubles), rounds);
    measure("ticks", all_of_flat(ticks), rounds);
    measure("strings", all_of(strings), rounds);
    measure("people", all_of(people), rounds);
    measure("orders", {make_rival<by_ruche>("ruche", orders), make_rival<by_cereal>("cereal", orders)}, rounds);
    measure("creatures", all_of(creatures), rounds);
    measure("dict", all_of(dict), rounds);
    measure("forest", all_of(forest), rounds);
    measure("call", all_of(call), rounds);
    measure("shared",
            {make_rival<by_ruche>("ruche", shared), make_rival<by_cereal>("cereal", shared),
             make_rival<by_boost>("boost", shared)},
            rounds);
}
