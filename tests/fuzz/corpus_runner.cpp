// Runs one fuzz target over its stored corpus once, as an ordinary test; used where libFuzzer isn't (gcc).
//
// Usage: <name>_fuzz DIRECTORY...   Exit status 1 when a directory is missing or empty: a corpus that is not
// there must not look like a corpus that passed.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// The files directly in `directory`, in a fixed order.
std::vector<std::filesystem::path> inputs_in(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> inputs;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(directory, failure)) {
        if (entry.is_regular_file()) {
            inputs.push_back(entry.path());
        }
    }
    std::sort(inputs.begin(), inputs.end());
    return inputs;
}

void run_one(const std::filesystem::path& path) {
    // Named first, so that the last line before an abort names the input that caused it.
    std::printf("%s\n", path.c_str());
    std::fflush(stdout);
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::filesystem::path> directories(argv + 1, argv + argc);
    std::size_t count = 0;
    for (const auto& directory : directories) {
        const std::vector<std::filesystem::path> inputs = inputs_in(directory);
        if (inputs.empty()) {
            std::fprintf(stderr, "no inputs in %s: put at least one small file there\n", directory.c_str());
            return 1;
        }
        std::for_each(inputs.begin(), inputs.end(), run_one);
        count += inputs.size();
    }
    std::printf("%zu inputs, none crashed\n", count);
    return count > 0 ? 0 : 1;
}
