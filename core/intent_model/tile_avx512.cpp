#define AMBIT_TILE
#include "intent_model/tile.h"

namespace ambit::intent_model {

void strip_avx512(const Strip& strip) {
    run(strip);
}

}  // namespace ambit::intent_model
