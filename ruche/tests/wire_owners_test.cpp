#include "wire_testing.hpp"

#include <memory>
#include <stdexcept>
#include <tuple>

using wire_testing::complaint;
using wire_testing::raw;
using wire_testing::sent;

namespace {

struct node {
    int value{};
    std::shared_ptr<node> next;
    std::weak_ptr<node> back;
};

struct list {
    int value{};
    std::unique_ptr<list> next;
};

struct tree {
    std::string name;
    std::vector<tree> branches;
    bool operator==(const tree&) const = default;
};

struct inner {
    int value{};
};
struct outer {
    inner first; // at the same address as the whole
};

class no_default {
public:
    explicit no_default(int value) : value_(value) {}
    int get_state() const { return value_; }
    static no_default set_state(int value) { return no_default(value); }

private:
    int value_;
};

struct shape {
    virtual ~shape() = default;
    virtual double area() const = 0;
};
struct square : shape {
    double side = 1;
    double area() const override { return side * side; }
    static constexpr std::tuple fields{&square::side};
};
struct circle : shape {
    double radius = 1;
    std::shared_ptr<shape> inside;
    double area() const override { return 3 * radius * radius; }
    static constexpr std::tuple fields{&circle::radius, &circle::inside};
};
struct secret : square {};
const ruche::derived_types<shape, circle, square> shapes;

struct animal {
    virtual ~animal() = default;
    virtual std::string sound() const { return "?"; }
    std::string name;
    static constexpr std::tuple fields{&animal::name};
};
struct dog : animal {
    std::string sound() const override { return "woof"; }
    int age = 0;
    static constexpr auto fields = std::tuple_cat(animal::fields, std::tuple{&dog::age});
};
const ruche::derived_from<dog, animal> a_dog_is_an_animal;

int alive = 0;
struct counted {
    counted() { ++alive; }
    counted(counted&& other) noexcept : next(std::move(other.next)) { ++alive; }
    counted& operator=(counted&&) noexcept = default;
    ~counted() { --alive; }
    std::shared_ptr<counted> next;
    static constexpr std::tuple fields{&counted::next};
};

} // namespace

TEST(wire_owners, a_unique_ptr_carries_what_it_owns)
{
    EXPECT_EQ(*sent(std::make_unique<int>(7)), 7);
    EXPECT_EQ(sent(std::unique_ptr<int>()), nullptr);
    EXPECT_EQ(*sent(std::unique_ptr<const std::string>(new std::string("x"))), "x");
}

TEST(wire_owners, a_list_of_owners_comes_back)
{
    list first{1, std::make_unique<list>(list{2, std::make_unique<list>(list{3, nullptr})})};
    EXPECT_EQ(sent(first).next->next->value, 3);
}

TEST(wire_owners, a_tree_comes_back)
{
    const tree root{"root", {{"a", {{"b", {}}}}, {"c", {}}}};
    EXPECT_EQ(sent(root), root);
}

TEST(wire_owners, what_is_shared_is_shared_again)
{
    const auto object = std::make_shared<std::string>("shared");
    const auto there = sent(std::vector<std::shared_ptr<std::string>>{object, nullptr, object});
    EXPECT_EQ(there[0], there[2]);
    EXPECT_EQ(there[0].use_count(), 2);
    EXPECT_EQ(there[1], nullptr);
    EXPECT_EQ(*there[0], "shared");
}

TEST(wire_owners, sharing_holds_for_all_values_of_a_message)
{
    const auto object = std::make_shared<int>(1);
    ruche::sink message;
    ruche::encode(message, object);
    ruche::encode(message, object);
    ruche::source received(message.bytes());
    const auto first = ruche::decode<std::shared_ptr<int>>(received);
    EXPECT_EQ(first, ruche::decode<std::shared_ptr<int>>(received));
}

TEST(wire_owners, sharing_ends_with_the_message)
{
    const auto object = std::make_shared<int>(1);
    ruche::sink message;
    ruche::encode(message, object);
    const auto size = message.size();
    message.clear();
    ruche::encode(message, object);
    EXPECT_EQ(message.size(), size);
    EXPECT_EQ(object.use_count(), 2); // ours, and that of the message
}

TEST(wire_owners, a_cycle_closes)
{
    const auto first = std::make_shared<node>(node{1, {}, {}});
    first->next = std::make_shared<node>(node{2, first, first});
    const auto there = sent(first);
    EXPECT_EQ(there->next->next, there);
    EXPECT_EQ(there->next->back.lock(), there);
    EXPECT_EQ(there->next->value, 2);
    first->next.reset();
    there->next.reset();
}

TEST(wire_owners, a_weak_ptr_to_nothing_arrives_empty)
{
    std::weak_ptr<int> gone = std::make_shared<int>(1);
    EXPECT_TRUE(sent(gone).expired());
}

TEST(wire_owners, an_object_and_its_first_member_are_told_apart)
{
    const auto whole = std::make_shared<outer>();
    whole->first.value = 5;
    const std::shared_ptr<inner> part(whole, &whole->first);
    const auto there = sent(std::tuple(whole, part, whole));
    EXPECT_EQ(std::get<0>(there), std::get<2>(there));
    EXPECT_EQ(std::get<1>(there)->value, 5);
}

TEST(wire_owners, an_object_without_a_default_can_be_shared)
{
    const auto object = std::make_shared<no_default>(3);
    const auto there = sent(std::pair(object, object));
    EXPECT_EQ(there.first, there.second);
    EXPECT_EQ(there.first->get_state(), 3);
}

TEST(wire_owners, a_pointer_to_a_base_carries_the_derived)
{
    auto drawing = std::make_unique<circle>();
    drawing->radius = 2;
    drawing->inside = std::make_shared<square>();
    const auto there = sent(std::unique_ptr<shape>(std::move(drawing)));
    EXPECT_EQ(there->area(), 12);
    EXPECT_EQ(dynamic_cast<const circle&>(*there).inside->area(), 1);
}

TEST(wire_owners, a_base_that_can_be_itself_carries_itself)
{
    const auto plain = std::make_shared<animal>();
    plain->name = "it";
    const auto rex = std::make_shared<dog>();
    rex->name = "rex";
    rex->age = 3;
    const auto there = sent(std::vector<std::shared_ptr<animal>>{plain, rex, rex});
    EXPECT_EQ(there[0]->sound(), "?");
    EXPECT_EQ(there[1]->sound(), "woof");
    EXPECT_EQ(dynamic_cast<dog&>(*there[1]).age, 3);
    EXPECT_EQ(there[1], there[2]);
}

TEST(wire_owners, one_object_seen_as_base_and_as_derived_stays_one)
{
    const auto rex = std::make_shared<dog>();
    const auto there = sent(std::tuple(rex, std::shared_ptr<animal>(rex)));
    EXPECT_EQ(std::get<1>(there), std::get<0>(there));
    const auto other = sent(std::tuple(std::shared_ptr<animal>(rex), rex));
    EXPECT_EQ(std::get<0>(other), std::get<1>(other));
}

TEST(wire_owners, a_derived_type_that_nobody_spoke_of_is_named)
{
    ruche::sink message;
    try {
        ruche::encode(message, std::unique_ptr<shape>(new secret));
        FAIL() << "no error";
    } catch (const std::logic_error& error) {
        EXPECT_NE(std::string(error.what()).find("secret"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("shape"), std::string::npos);
    }
    EXPECT_EQ(message.size(), 0u);
}

TEST(wire_owners, a_cycle_of_owners_is_refused_and_leaves_the_message_as_it_was)
{
    list first{1, nullptr};
    list* last = &first;
    for (int i = 0; i != 5000; ++i)
        last = (last->next = std::make_unique<list>()).get();
    ruche::sink message;
    ruche::encode(message, 1);
    EXPECT_THROW(ruche::encode(message, first), ruche::too_large);
    EXPECT_EQ(message.size(), sizeof(int));
    while (first.next) // one by one: the destructor would go as deep
        first.next = std::move(first.next->next);
}

TEST(wire_owners, a_long_list_is_sent_when_more_depth_is_asked_for)
{
    list first{1, nullptr};
    list* last = &first;
    for (int i = 0; i != 2000; ++i)
        last = (last->next = std::make_unique<list>()).get();
    ruche::sink message;
    message.max_depth = 5000;
    ruche::encode(message, first);
    ruche::limits deep;
    deep.depth = 5000;
    ruche::source received(message.bytes(), {}, deep);
    auto there = ruche::decode<list>(received);
    int length = 1;
    while (there.next) {
        ++length;
        there.next = std::move(there.next->next);
    }
    EXPECT_EQ(length, 2001);
    while (first.next)
        first.next = std::move(first.next->next);
}

TEST(wire_owners, a_reference_to_an_object_of_another_type_is_refused)
{
    using pointers = std::tuple<std::shared_ptr<int>, std::shared_ptr<std::string>>;
    const auto error = complaint<pointers>(raw({1, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0}));
    EXPECT_NE(error.reason().find("another type"), std::string::npos);
    EXPECT_EQ(error.path(), "get<1>()");
}

TEST(wire_owners, a_reference_to_no_object_is_refused)
{
    EXPECT_EQ(complaint<std::shared_ptr<int>>(raw({2, 0, 0, 0})).offset(), 0u);
}

TEST(wire_owners, a_bad_message_with_a_cycle_leaks_nothing)
{
    {
        const auto first = std::make_shared<counted>();
        first->next = std::make_shared<counted>();
        first->next->next = first;
        auto bytes = wire_testing::bytes_of(std::pair(first, 1));
        bytes.pop_back(); // the graph is whole; what follows is not
        (void)complaint<std::pair<std::shared_ptr<counted>, int>>(bytes);
        first->next.reset();
    }
    EXPECT_EQ(alive, 0);
}
