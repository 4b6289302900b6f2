#include "http/page.h"

namespace ambit::http {

const PageFile* find_page_file(std::string_view target) {
    const std::string_view path = target.substr(0, target.find_first_of("?#"));
    for (const PageFile& file : page_files()) {
        if (file.path == path) {
            return &file;
        }
    }
    return nullptr;
}

}  // namespace ambit::http
