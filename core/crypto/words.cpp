#include "crypto/words.h"

#include <algorithm>
#include <cctype>

#include "crypto/hash.h"

namespace ambit::crypto {
namespace {

std::uint8_t check_byte(ByteView secret) {
    return hash("recovery-check", secret).bytes()[0];
}

}  // namespace

const std::array<std::string_view, 256>& word_list() {
    static constexpr std::array<std::string_view, 256> kWords = {
        // clang-format off
        "acorn", "album", "amber", "anchor", "angle", "apple", "april", "apron", "arena", "arrow", "atlas",
        "autumn", "avenue", "badge", "baker", "bamboo", "banana", "banjo", "barn", "basil", "basket",
        "beach", "beacon", "beaver", "bell", "bench", "berry", "bicycle", "birch", "blanket", "blossom",
        "boat", "bonfire", "book", "bottle", "bowl", "branch", "bread", "breeze", "brick", "bridge",
        "broom", "brush", "bucket", "button", "cabin", "cactus", "camel", "camera", "canal", "candle",
        "canoe", "canyon", "carpet", "carrot", "castle", "cedar", "cello", "chain", "chalk", "cherry",
        "chess", "chimney", "circle", "circus", "clay", "cliff", "clock", "cloud", "clover", "coffee",
        "comet", "compass", "copper", "coral", "cotton", "crane", "crater", "crayon", "cream", "cricket",
        "crown", "crystal", "curtain", "daisy", "dance", "dawn", "deer", "delta", "desert", "diamond",
        "dinner", "dolphin", "donkey", "door", "dragon", "drum", "eagle", "earth", "echo", "elephant",
        "ember", "engine", "evening", "falcon", "farmer", "feather", "fence", "ferry", "fiddle", "finger",
        "flag", "flame", "flute", "forest", "fossil", "fountain", "fox", "frost", "galaxy", "garden",
        "garlic", "gate", "ginger", "giraffe", "glacier", "glass", "glove", "goat", "gold", "granite",
        "grape", "guitar", "hammer", "harbor", "harvest", "hazel", "hedge", "helmet", "heron", "hill",
        "honey", "horse", "island", "ivory", "jacket", "jaguar", "jasmine", "jelly", "jungle", "kettle",
        "kitten", "ladder", "lagoon", "lamp", "lantern", "lemon", "lentil", "library", "lily", "lizard",
        "lobster", "magnet", "mango", "maple", "marble", "market", "meadow", "melon", "mirror", "monkey",
        "moon", "moss", "mountain", "museum", "napkin", "needle", "nest", "nickel", "night", "noodle",
        "nutmeg", "oak", "oasis", "ocean", "olive", "onion", "orbit", "orchid", "otter", "owl", "oyster",
        "paddle", "palace", "panda", "paper", "parrot", "peach", "pearl", "pebble", "pelican", "pencil",
        "pepper", "piano", "pigeon", "pillow", "pine", "planet", "plum", "pocket", "polar", "pond", "poppy",
        "potato", "prairie", "puzzle", "quartz", "rabbit", "radish", "rain", "raven", "ribbon", "river",
        "robin", "rocket", "saddle", "saffron", "sail", "salmon", "scarf", "shadow", "silver", "snow",
        "sparrow", "spoon", "sugar", "summer", "sunset", "swan", "table", "tiger", "tulip", "tunnel",
        "turtle", "valley", "velvet", "violin", "walnut", "wave", "whale", "willow", "window", "winter",
        "wizard", "wolf", "zebra"
        // clang-format on
    };
    return kWords;
}

RecoverySecret RecoverySecret::generate(Random& random) {
    return RecoverySecret(random.bytes<kSize>());
}

Result<RecoverySecret> RecoverySecret::from_words(std::string_view text) {
    const auto& list = word_list();
    std::array<std::uint8_t, kRecoveryWords> values{};
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
        std::string word;
        for (; at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) != 0; ++at) {
            word.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(text[at]))));
        }
        if (word.empty()) {
            ++at;
            continue;
        }
        const auto found = std::lower_bound(list.begin(), list.end(), word);
        if (found == list.end() || *found != word) {
            return Error{ErrorCode::BadRecoveryWords,
                         "word " + std::to_string(count + 1) + " is not in the list"};
        }
        if (count == values.size()) {
            return Error{ErrorCode::BadRecoveryWords, "more than 17 words"};
        }
        values[count++] = static_cast<std::uint8_t>(found - list.begin());
    }
    if (count != values.size()) {
        return Error{ErrorCode::BadRecoveryWords, std::to_string(count) + " words instead of 17"};
    }
    std::array<std::uint8_t, kSize> bytes{};
    std::copy_n(values.begin(), kSize, bytes.begin());
    RecoverySecret secret(bytes);
    const bool fits = values.back() == check_byte(bytes);
    wipe(values);
    wipe(bytes);
    if (!fits) {
        return Error{ErrorCode::BadRecoveryWords, "the last word does not fit the others"};
    }
    return secret;
}

std::string RecoverySecret::words() const {
    std::string text;
    for (const std::uint8_t byte : bytes_) {
        text += std::string(word_list()[byte]) + " ";
    }
    return text + std::string(word_list()[check_byte(bytes_)]);
}

SigningKey RecoverySecret::signing_key() const {
    const Digest digest = hash("recovery-key", bytes_);
    Seed seed{};
    std::copy(digest.bytes().begin(), digest.bytes().end(), seed.begin());
    SigningKey key = SigningKey::from_seed(seed);
    wipe(seed);
    return key;
}

std::string verifier_of(ByteView session_key) {
    const Digest digest = hash("pairing-verifier", session_key);
    const ByteView bytes = digest.bytes();
    const std::string dot = " \u00b7 ";
    const auto word = [&](std::size_t i) { return std::string(word_list()[bytes[i]]); };
    return word(0) + dot + word(1) + dot + std::to_string(bytes[2] % 10) + dot + word(3);
}

}  // namespace ambit::crypto
