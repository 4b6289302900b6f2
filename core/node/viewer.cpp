#include "node/viewer.h"

namespace ambit::node {

bool Viewer::may_see(const privacy::Label& label, const Parts& parts) const {
    if (!client) {
        return true;
    }
    const auto both = label.audience.join(privacy::Audience(audience));
    if (!both) {
        return false;
    }
    const auto inside = privacy::widest_named_inside(*both, *parts.roster);
    return inside && *inside == audience;
}

Viewer viewer_here(const Parts& parts) {
    return {parts.home_audience(), parts.person(), std::nullopt};
}

}  // namespace ambit::node
