#include "device_key/device_key.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ambit {
namespace {

// "ambitkey" and a version, then the two seeds.
constexpr std::string_view kMagic = "ambitkey\x01";
constexpr std::size_t kFileBytes = kMagic.size() + 2 * crypto::Seed{}.size();
using File = std::array<std::uint8_t, kFileBytes>;

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}

    ~Descriptor() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }

  private:
    int fd_;
};

Error unusable(const std::string& path, const std::string& why) {
    return {ErrorCode::KeyFileUnusable, path + ": " + why};
}

Error system_error(const std::string& path) {
    return unusable(path, std::strerror(errno));  // NOLINT(concurrency-mt-unsafe): start-up only
}

Result<void> write_all(int fd, std::span<const std::uint8_t> bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return system_error(path);
        }
        bytes = bytes.subspan(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return {};
}

Result<void> save(const std::string& folder, const std::string& path, const File& file) {
    const std::string fresh = path + ".new";
    unlink(fresh.c_str());
    {
        const Descriptor out(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
        if (out.get() < 0) {
            return system_error(fresh);
        }
        AMBIT_TRY(write_all(out.get(), file, fresh));
        if (fsync(out.get()) != 0) {
            return system_error(fresh);
        }
    }
    // link() and not rename(): a key that is there already is never replaced.
    if (link(fresh.c_str(), path.c_str()) != 0) {
        return system_error(path);
    }
    unlink(fresh.c_str());
    const Descriptor directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0 || fsync(directory.get()) != 0) {
        return system_error(folder);
    }
    return {};
}

DeviceKeys keys_of(const File& file) {
    crypto::Seed signing;
    crypto::Seed sealing;
    std::memcpy(signing.data(), file.data() + kMagic.size(), signing.size());
    std::memcpy(sealing.data(), file.data() + kMagic.size() + signing.size(), sealing.size());
    DeviceKeys keys{crypto::SigningKey::from_seed(signing), crypto::SealKey::from_seed(sealing)};
    crypto::wipe(signing);
    crypto::wipe(sealing);
    return keys;
}

Result<void> read_file(int fd, File& file, const std::string& path) {
    struct stat info {};

    if (fstat(fd, &info) != 0) {
        return system_error(path);
    }
    if (info.st_uid != geteuid()) {
        return unusable(path, "it belongs to another user");
    }
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return unusable(path, "others can read it: chmod 600");
    }
    if (info.st_size != static_cast<off_t>(file.size()) ||
        read(fd, file.data(), file.size()) != static_cast<ssize_t>(file.size()) ||
        std::memcmp(file.data(), kMagic.data(), kMagic.size()) != 0) {
        return unusable(path, "not a key file");
    }
    return {};
}

}  // namespace

Result<DeviceKeys> load_device_keys(const std::string& folder, Random& random) {
    const std::string path = folder + "/device.key";
    File file{};
    const Descriptor in(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    Result<void> done;
    if (in.get() >= 0) {
        done = read_file(in.get(), file, path);
    } else if (errno == ENOENT) {
        std::memcpy(file.data(), kMagic.data(), kMagic.size());
        random.fill(std::span(file).subspan(kMagic.size()));
        done = save(folder, path, file);
    } else {
        done = system_error(path);
    }
    if (!done) {
        crypto::wipe(file);
        return done.error();
    }
    DeviceKeys keys = keys_of(file);
    crypto::wipe(file);
    return keys;
}

}  // namespace ambit
