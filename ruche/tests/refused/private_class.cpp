#include "send.hpp"

class account {
public:
    explicit account(int cents) : cents_(cents) {}
    int cents() const { return cents_; }

private:
    int cents_;
};
struct bank {
    std::optional<account> first;
};

int main() { send<bank>(); }
// does not compile: bank.first.value()
// does not compile: account
// does not compile: get_state
// does not compile: fields
