// The form of a model file: see model_parts.h.
#include <algorithm>
#include <bit>
#include <cmath>

#include "intent_model/model_parts.h"
#include "intent_model/tokens.h"

namespace ambit::intent_model {
namespace {

constexpr std::string_view kMagic = "AMBITIM1";
constexpr std::size_t kHashBytes = 8;
constexpr std::size_t kRowsMax = 1U << 20U;
constexpr std::size_t kLabelsMax = 4096;
constexpr std::size_t kHeadsMax = 16;
constexpr std::size_t kNameMax = 128;

Error broken(std::string_view what) {
    return {ErrorCode::ModelBroken, std::string(what)};
}

std::uint64_t hash_of_bytes(ByteView bytes) {
    return hash_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, 21);
}

class Writer {
  public:
    explicit Writer(Bytes& out) : out_(out) {}

    void number(std::uint64_t value, std::size_t bytes = 4) {
        for (std::size_t i = 0; i < bytes; ++i) {
            out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
        }
    }

    void real(float value) { number(std::bit_cast<std::uint32_t>(value)); }

    void reals(const std::vector<float>& values) {
        for (const float value : values) {
            real(value);
        }
    }

    void text(const std::string& value) {
        number(value.size(), 1);
        out_.insert(out_.end(), value.begin(), value.end());
    }

    void small(const std::vector<std::int8_t>& values) {
        for (const std::int8_t value : values) {
            out_.push_back(static_cast<std::uint8_t>(value));
        }
    }

    void matrix(const SmallMatrix& matrix) {
        small(matrix.weights);
        reals(matrix.scales);
        reals(matrix.bias);
    }

  private:
    Bytes& out_;
};

// Reads while there is enough; one failure makes all later reads give nothing.
class Reader {
  public:
    explicit Reader(ByteView bytes) : left_(bytes) {}

    bool good() const { return good_; }

    bool at_end() const { return left_.empty(); }

    std::uint64_t number(std::size_t bytes = 4) {
        if (!has(bytes)) {
            return 0;
        }
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i) {
            value |= static_cast<std::uint64_t>(left_[i]) << (8 * i);
        }
        left_ = left_.subspan(bytes);
        return value;
    }

    // A count of at most `most`.
    std::size_t count(std::size_t most) {
        const std::uint64_t value = number();
        good_ = good_ && value <= most;
        return good_ ? static_cast<std::size_t>(value) : 0;
    }

    float real() {
        const float value = std::bit_cast<float>(static_cast<std::uint32_t>(number()));
        good_ = good_ && std::isfinite(value) && std::fabs(value) < 1e6F;
        return good_ ? value : 0.0F;
    }

    std::vector<float> reals(std::size_t count) {
        std::vector<float> values;
        if (has(count * 4)) {
            values.reserve(count);
            for (std::size_t i = 0; i < count; ++i) {
                values.push_back(real());
            }
        }
        return values;
    }

    std::string text() {
        const std::size_t size = static_cast<std::size_t>(number(1));
        if (size > kNameMax || !has(size)) {
            good_ = false;
            return {};
        }
        std::string value(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(size));
        left_ = left_.subspan(size);
        return value;
    }

    std::vector<std::int8_t> small(std::size_t count) {
        if (!has(count)) {
            return {};
        }
        std::vector<std::int8_t> values(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(count));
        left_ = left_.subspan(count);
        return values;
    }

    SmallMatrix matrix(std::size_t outputs, std::size_t inputs) {
        SmallMatrix matrix{.outputs = outputs,
                           .inputs = inputs,
                           .weights = small(outputs * inputs),
                           .scales = {},
                           .bias = {}};
        matrix.scales = reals(outputs);
        matrix.bias = reals(outputs);
        return matrix;
    }

  private:
    bool has(std::size_t bytes) {
        good_ = good_ && bytes <= left_.size();
        return good_;
    }

    ByteView left_;
    bool good_ = true;
};

void write_labels(Writer& writer, const std::vector<std::string>& labels) {
    writer.number(labels.size());
    for (const std::string& label : labels) {
        writer.text(label);
    }
}

std::vector<std::string> read_labels(Reader& reader) {
    std::vector<std::string> labels(reader.count(kLabelsMax));
    for (std::string& label : labels) {
        label = reader.text();
    }
    return labels;
}

bool fits(const Sizes& sizes) {
    return sizes.width >= kLanes && sizes.width <= 1024 && sizes.width % kLanes == 0 && sizes.layers >= 1 &&
           sizes.layers <= 8 && sizes.window % 2 == 1 && sizes.window <= 9 && sizes.slot_width >= kLanes &&
           sizes.slot_width <= 1024 && sizes.slot_width % kLanes == 0;
}

Result<void> read_front(Reader& reader, ModelParts& parts) {
    parts.sizes.width = reader.count(1024);
    parts.sizes.layers = reader.count(8);
    parts.sizes.window = reader.count(9);
    parts.sizes.slot_width = reader.count(1024);
    if (!reader.good() || !fits(parts.sizes)) {
        return broken("its sizes make no sense");
    }
    parts.vocabulary.words.resize(reader.count(kRowsMax));
    parts.vocabulary.gram_rows = reader.count(kRowsMax);
    for (std::uint32_t& word : parts.vocabulary.words) {
        word = static_cast<std::uint32_t>(reader.number());
    }
    if (!reader.good() || !std::is_sorted(parts.vocabulary.words.begin(), parts.vocabulary.words.end())) {
        return broken("its vocabulary makes no sense");
    }
    parts.heads.resize(reader.count(kHeadsMax));
    for (Head& head : parts.heads) {
        head.name = reader.text();
        head.intents = read_labels(reader);
        head.slots = read_labels(reader);
        if (!reader.good() || head.intents.empty() ||
            !std::is_sorted(head.intents.begin(), head.intents.end()) ||
            !std::is_sorted(head.slots.begin(), head.slots.end())) {
            return broken("its labels make no sense");
        }
    }
    return {};
}

}  // namespace

Bytes encode(const ModelParts& parts) {
    Bytes out = to_bytes(kMagic);
    Writer writer(out);
    for (const std::size_t size :
         {parts.sizes.width, parts.sizes.layers, parts.sizes.window, parts.sizes.slot_width}) {
        writer.number(size);
    }
    writer.number(parts.vocabulary.words.size());
    writer.number(parts.vocabulary.gram_rows);
    for (const std::uint32_t word : parts.vocabulary.words) {
        writer.number(word);
    }
    writer.number(parts.heads.size());
    for (const Head& head : parts.heads) {
        writer.text(head.name);
        write_labels(writer, head.intents);
        write_labels(writer, head.slots);
    }
    writer.small(parts.table);
    writer.reals(parts.table_scales);
    for (const SmallMatrix& convolution : parts.convolutions) {
        writer.matrix(convolution);
    }
    writer.matrix(parts.slot_word);
    writer.matrix(parts.slot_sentence);
    writer.number(parts.wide_buckets);
    writer.number(parts.wide_tag_buckets);
    for (const HeadParts& head : parts.head_parts) {
        writer.matrix(head.intents);
        writer.matrix(head.tags);
        for (const WidePart* wide : {&head.wide_intents, &head.wide_tags}) {
            writer.small(wide->weights);
            writer.reals(wide->scales);
        }
        writer.real(head.sharpness);
        writer.real(head.threshold);
    }
    writer.number(hash_of_bytes(out), kHashBytes);
    return out;
}

Result<ModelParts> decode(ByteView file) {
    if (file.size() > kModelBytesMax) {
        return broken("more than " + std::to_string(kModelBytesMax >> 20U) + " MB");
    }
    if (file.size() < kMagic.size() + kHashBytes || !std::equal(kMagic.begin(), kMagic.end(), file.begin())) {
        return broken("it does not begin as a model of this version does");
    }
    const ByteView body = file.first(file.size() - kHashBytes);
    if (Reader(file.last(kHashBytes)).number(kHashBytes) != hash_of_bytes(body)) {
        return broken("its bytes were changed: the hash at its end is another");
    }
    Reader reader(body.subspan(kMagic.size()));
    ModelParts parts;
    AMBIT_TRY(read_front(reader, parts));
    const Sizes& sizes = parts.sizes;
    parts.table = reader.small(parts.vocabulary.rows() * sizes.width);
    parts.table_scales = reader.reals(parts.vocabulary.rows());
    for (std::size_t layer = 0; layer < sizes.layers; ++layer) {
        parts.convolutions.push_back(reader.matrix(2 * sizes.width, sizes.window * sizes.width));
    }
    parts.slot_word = reader.matrix(sizes.slot_width, sizes.width);
    parts.slot_sentence = reader.matrix(sizes.slot_width, sizes.pooled());
    parts.wide_buckets = reader.count(kRowsMax);
    parts.wide_tag_buckets = reader.count(kRowsMax);
    for (const Head& head : parts.heads) {
        HeadParts part;
        part.intents = reader.matrix(head.intents.size(), sizes.pooled());
        if (!head.slots.empty()) {
            part.tags = reader.matrix(head.tags(), sizes.slot_width);
        }
        if (parts.wide_buckets != 0 && head.is_wide()) {
            part.wide_intents.weights = reader.small(parts.wide_buckets * head.intents.size());
            part.wide_intents.scales = reader.reals(head.intents.size());
        }
        if (parts.wide_tag_buckets != 0 && !head.slots.empty() && head.is_wide()) {
            part.wide_tags.weights = reader.small(parts.wide_tag_buckets * head.tags());
            part.wide_tags.scales = reader.reals(head.tags());
        }
        part.sharpness = reader.real();
        part.threshold = reader.real();
        parts.head_parts.push_back(std::move(part));
    }
    if (!reader.good() || !reader.at_end()) {
        return broken("it ends too early or too late");
    }
    return parts;
}

}  // namespace ambit::intent_model
