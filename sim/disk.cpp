#include "sim/disk.h"

#include <algorithm>

#include "sim/disk_vfs.h"

namespace ambit::sim {

Disk::Disk(Random& random) : random_(random), vfs_(std::make_unique<Vfs>(*this)) {
    name_ = vfs_->name();
}

Disk::~Disk() = default;

void Disk::lose_power_at(std::uint64_t writes, std::function<void()> on_loss) {
    writes_left_ = writes;
    on_loss_ = std::move(on_loss);
}

void Disk::power_off() {
    powered_ = false;
    writes_left_ = 0;
    on_loss_ = nullptr;
}

void Disk::power_on() {
    std::erase_if(files_,
                  [this](const auto& entry) { return !entry.second->listed && random_.below(2) == 0; });
    for (auto& [path, file] : files_) {
        for (const Write& write : file->unsynced) {
            switch (random_.below(3)) {
                case 0:
                    apply(write, file->synced);
                    break;
                case 1:
                    tear(write, file->synced);
                    break;
                default:
                    break;
            }
        }
        file->unsynced.clear();
        file->content = file->synced;
        file->listed = true;
    }
    powered_ = true;
    busy_ = microseconds{0};
}

Disk::Image Disk::image() const {
    Image image;
    for (const auto& [path, file] : files_) {
        image.emplace(path, file->content);
    }
    return image;
}

void Disk::restore(const Image& image) {
    files_.clear();
    for (const auto& [path, content] : image) {
        files_.emplace(path, std::make_shared<File>(File{content, content, {}, true}));
    }
    powered_ = true;
}

std::size_t Disk::bytes_used() const {
    std::size_t bytes = 0;
    for (const auto& [path, file] : files_) {
        bytes += file->content.size();
    }
    return bytes;
}

microseconds Disk::take_time() {
    return std::exchange(busy_, microseconds{0});
}

void Disk::apply(const Write& write, Bytes& to) {
    if (write.cut_to) {
        to.resize(*write.cut_to);
        return;
    }
    to.resize(std::max(to.size(), write.at + write.data.size()));
    std::copy(write.data.begin(), write.data.end(), to.begin() + static_cast<std::ptrdiff_t>(write.at));
}

// Each sector of it is written or not.
void Disk::tear(const Write& write, Bytes& to) {
    for (std::size_t begin = 0; begin < write.data.size();) {
        const std::size_t in_sector = kSectorBytes - (write.at + begin) % kSectorBytes;
        const std::size_t end = std::min(begin + in_sector, write.data.size());
        if (random_.below(2) == 0) {
            const auto first = write.data.begin();
            apply(
                {write.at + begin,
                 Bytes(first + static_cast<std::ptrdiff_t>(begin), first + static_cast<std::ptrdiff_t>(end)),
                 std::nullopt},
                to);
        }
        begin = end;
    }
}

bool Disk::write(File& file, Write write) {
    if (!powered_) {
        return false;
    }
    apply(write, file.content);
    file.unsynced.push_back(std::move(write));
    if (writes_left_ > 0 && --writes_left_ == 0) {
        const auto on_loss = std::move(on_loss_);
        power_off();
        on_loss();
        return false;
    }
    return true;
}

void Disk::sync(File& file) {
    busy_ += sync_time;
    if (lies_about_syncs) {
        return;
    }
    for (const Write& write : file.unsynced) {
        apply(write, file.synced);
    }
    file.unsynced.clear();
    file.listed = true;
}

bool Disk::has_room(const File& file, std::size_t size) const {
    return !bytes_max || size <= file.content.size() ||
           bytes_used() + size - file.content.size() <= *bytes_max;
}

}  // namespace ambit::sim
