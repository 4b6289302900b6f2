// In a file of its own, as readers.cpp is.
#include "facts/channel.h"

namespace ambit::facts {

bool Channel::is_private() const {
    return std::holds_alternative<privacy::ThisDevice>(audience);
}

}  // namespace ambit::facts
