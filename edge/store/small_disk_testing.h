// A disk with little room, as an SQLite VFS around the default one.  For store_test only.
#pragma once

#include <string>

namespace ambit::store {

// Registered under `name` while it lives; one at a time.
class SmallDisk {
  public:
    SmallDisk(std::string name, long room);
    ~SmallDisk();
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    const std::string& name() const { return name_; }

    // Bytes that files may still grow by.
    static long room();

  private:
    std::string name_;
};

}  // namespace ambit::store
