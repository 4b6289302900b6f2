#include "node/learning.h"

#include <algorithm>

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"learning"};

}  // namespace

void Learning::set_base(std::unique_ptr<const language::Rung> base) {
    base_ = std::move(base);
    layers_.clear();
    if (hands_ != nullptr && base_ != nullptr) {
        layers_.push_back({parts_.home_audience(), nullptr, true, false, clock_()});
        refresh_soon();
    }
}

Learning::Layer& Learning::layer(const privacy::NamedAudience& of) {
    const auto known =
        std::find_if(layers_.begin(), layers_.end(), [&](const Layer& one) { return one.of == of; });
    if (known != layers_.end()) {
        return *known;
    }
    if (layers_.size() >= kLayersMax) {
        layers_.erase(layers_.begin());
    }
    layers_.push_back({of, nullptr, true, false, clock_()});
    if (hands_ != nullptr) {
        refresh_soon();
    }
    return layers_.back();
}

const language::Rung* Learning::rung(const privacy::NamedAudience& of) {
    if (base_ == nullptr) {
        return nullptr;
    }
    Layer& mine = layer(of);
    if (hands_ == nullptr && mine.old) {
        refresh(mine);
    }
    return mine.rung != nullptr ? mine.rung.get() : base_.get();
}

std::vector<language::Clash> Learning::clashes(const privacy::NamedAudience& of) const {
    const auto known =
        std::find_if(layers_.begin(), layers_.end(), [&](const Layer& one) { return one.of == of; });
    return known == layers_.end() || known->rung == nullptr ? std::vector<language::Clash>()
                                                            : known->rung->clashes();
}

void Learning::on_change(const facts::Change& change) {
    if (!change.fact.read(kHere).key.subject.starts_with(kLessonPrefix)) {
        return;
    }
    const bool gone = change.kind == facts::Draft::Kind::Delete;
    for (Layer& layer : layers_) {
        layer.changed = layer.old ? layer.changed : clock_();
        layer.old = true;
        if (gone) {
            layer.rung.reset();
        }
    }
    if (hands_ != nullptr) {
        refresh_soon();
    }
}

// Once for many facts that come together, and not from inside their event.
void Learning::refresh_soon() {
    if (*soon_) {
        return;
    }
    *soon_ = true;
    hands_->soon([weak = std::weak_ptr(soon_), this] {
        if (const auto soon = weak.lock()) {
            *soon = false;
            for (Layer& layer : layers_) {
                if (layer.old && !layer.busy) {
                    refresh(layer);
                }
            }
        }
    });
}

void Learning::refresh(Layer& layer) {
    const std::vector<language::Shown> lessons = book_.shown(layer.of);
    layer.old = false;
    if (lessons.empty() || base_ == nullptr) {
        layer.rung.reset();
        return;
    }
    const auto learned = std::make_shared<std::shared_ptr<const language::Rung>>();
    const auto job = [learned, base = base_, lessons] { *learned = base->taught(lessons); };
    if (hands_ == nullptr) {
        job();
        layer.rung = *learned;
        took_ = clock_() - layer.changed;
        return;
    }
    layer.busy = true;
    hands_->away(job, [weak = std::weak_ptr(soon_), this, learned, of = layer.of, base = base_] {
        if (weak.lock() != nullptr && base == base_) {
            put(of, *learned);
        }
    });
}

void Learning::put(const privacy::NamedAudience& of, std::shared_ptr<const language::Rung> rung) {
    const auto known =
        std::find_if(layers_.begin(), layers_.end(), [&](const Layer& one) { return one.of == of; });
    if (known == layers_.end()) {
        return;
    }
    known->busy = false;
    if (known->old) {  // it changed meanwhile, and may hold what was forgotten
        refresh_soon();
        return;
    }
    known->rung = std::move(rung);
    took_ = clock_() - known->changed;
}

}  // namespace ambit::node
