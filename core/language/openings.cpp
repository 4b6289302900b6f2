#include "language/openings.h"

#include <algorithm>

namespace ambit::language {

bool is_opening_of(const HomeEntity& entity, std::string_view device_class) {
    return entity.device_class == device_class ||
           (device_class == "garage" && entity.device_class == "garage_door");
}

bool tells_of_an_opening(const HomeEntity& entity) {
    static constexpr std::string_view kClasses[] = {"door",    "window", "garage_door",
                                                    "opening", "garage", "gate"};
    return entity.domain == "binary_sensor" &&
           std::find(std::begin(kClasses), std::end(kClasses), entity.device_class) != std::end(kClasses);
}

}  // namespace ambit::language
