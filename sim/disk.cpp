#include "sim/disk.h"

#include <algorithm>

#include "sim/disk_vfs.h"

namespace ambit::sim {
namespace {

// Files grow by much at a time: memory that was never touched costs nothing, and to copy a file does.
constexpr std::size_t kGrowth = 8;

}  // namespace

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
        lose_unsynced(*file);
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
        files_.emplace(path, std::make_shared<File>(File{content, {}, {}, true}));
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

void Disk::put(Bytes& to, std::size_t at, ByteView data) {
    if (data.empty()) {
        return;
    }
    const std::size_t end = at + data.size();
    if (end > to.capacity()) {
        to.reserve(std::max(end, kGrowth * to.capacity()));
    }
    if (at > to.size()) {
        to.resize(at);
    }
    const auto over = static_cast<std::ptrdiff_t>(std::min(data.size(), to.size() - at));
    std::copy_n(data.begin(), over, to.begin() + static_cast<std::ptrdiff_t>(at));
    to.insert(to.end(), data.begin() + over, data.end());
}

// Each sector of it is written or not.
void Disk::tear(Bytes& to, std::size_t at, ByteView data) {
    for (std::size_t begin = 0; begin < data.size();) {
        const std::size_t in_sector = kSectorBytes - (at + begin) % kSectorBytes;
        const std::size_t end = std::min(begin + in_sector, data.size());
        if (random_.below(2) == 0) {
            put(to, at + begin, data.subspan(begin, end - begin));
        }
        begin = end;
    }
}

void Disk::lose_unsynced(File& file) {
    Bytes& content = file.content;
    std::vector<Bytes> written(file.unsynced.size());
    std::size_t kept_end = file.before.size();
    for (std::size_t i = file.unsynced.size(); i > 0; --i) {
        const Write& write = file.unsynced[i - 1];
        const auto begin = content.begin() + static_cast<std::ptrdiff_t>(write.at);
        written[i - 1].assign(begin, begin + static_cast<std::ptrdiff_t>(write.size));
        content.resize(write.size_before);
        put(content, write.at,
            ByteView(file.before).subspan(write.kept_before, kept_end - write.kept_before));
        kept_end = write.kept_before;
    }
    for (std::size_t i = 0; i < file.unsynced.size(); ++i) {
        const Write& write = file.unsynced[i];
        switch (random_.below(3)) {
            case 0:
                if (write.size == 0) {
                    content.resize(write.at);
                } else {
                    put(content, write.at, written[i]);
                }
                break;
            case 1:
                tear(content, write.at, written[i]);
                break;
            default:
                break;
        }
    }
    file.unsynced.clear();
    file.before.clear();
}

void Disk::remember(File& file, std::size_t at, std::size_t size, std::size_t end) {
    const std::size_t length = file.content.size();
    file.unsynced.push_back({at, size, file.before.size(), length});
    const auto place = [&](std::size_t to) {
        return file.content.begin() + static_cast<std::ptrdiff_t>(std::min(to, length));
    };
    file.before.insert(file.before.end(), place(at), place(end));
}

bool Disk::write(File& file, std::size_t at, ByteView data) {
    if (!powered_) {
        return false;
    }
    remember(file, at, data.size(), at + data.size());
    put(file.content, at, data);
    return note();
}

bool Disk::cut(File& file, std::size_t size) {
    if (!powered_) {
        return false;
    }
    remember(file, size, 0, file.content.size());
    file.content.resize(size);
    return note();
}

bool Disk::note() {
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
    file.unsynced.clear();
    file.before.clear();
    file.listed = true;
}

bool Disk::has_room(const File& file, std::size_t size) const {
    return !bytes_max || size <= file.content.size() ||
           bytes_used() + size - file.content.size() <= *bytes_max;
}

}  // namespace ambit::sim
