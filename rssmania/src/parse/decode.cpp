#include "parse/decode.hpp"

#include <algorithm>
#include <array>
#include <brotli/decode.h>
#include <cctype>
#include <limits>
#include <memory>
#include <new>
#include <vector>
#include <zlib.h>
#include <zstd.h>

namespace rssmania {
namespace {

using chunk = std::array<unsigned char, 64U << 10U>;

problem damaged(const char* what) { return {problem_kind::bad_encoding, what}; }

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// Where decoded bytes go, and what stops them.
class bounded_output {
public:
    bounded_output(std::size_t encoded, const decode_limits& limits) :
        most_(std::min(limits.size, std::max(limits.ratio_free, saturating(encoded, limits.ratio))))
    {}

    // Whether there was room.
    [[nodiscard]] bool add(const unsigned char* data, std::size_t size)
    {
        if (size > most_ - body_.size())
            return false;
        body_.append(reinterpret_cast<const char*>(data), size);
        return true;
    }

    [[nodiscard]] std::string take() { return std::move(body_); }

private:
    static std::size_t saturating(std::size_t a, std::size_t b)
    {
        return b != 0 && a > std::numeric_limits<std::size_t>::max() / b ? std::numeric_limits<std::size_t>::max()
                                                                         : a * b;
    }

    std::size_t most_;
    std::string body_;
};

// Frames that zlib knows, as its windowBits says them.
constexpr int gzip_or_zlib_frame = 15 + 32;
constexpr int no_frame = -15;

struct inflate_stream : z_stream {
    explicit inflate_stream(int window_bits) : z_stream{}
    {
        if (inflateInit2(this, window_bits) != Z_OK)
            throw std::bad_alloc();
    }
    ~inflate_stream() { inflateEnd(this); }
    inflate_stream(const inflate_stream&) = delete;
    inflate_stream& operator=(const inflate_stream&) = delete;
};

problem inflate_all(std::string_view in, int frame, bounded_output& out)
{
    inflate_stream stream(frame);
    stream.next_in = const_cast<unsigned char*>(bytes(in)); // zlib reads only; its old interface can't say so
    stream.avail_in = static_cast<uInt>(in.size());         // bodies are far smaller than 4 GiB
    chunk buffer;
    for (;;) {
        stream.next_out = buffer.data();
        stream.avail_out = static_cast<uInt>(buffer.size());
        const int result = inflate(&stream, Z_NO_FLUSH);
        if (!out.add(buffer.data(), buffer.size() - stream.avail_out))
            return {problem_kind::bomb, {}};
        if (result == Z_STREAM_END) {
            // gzip members may follow each other; anything else behind the end is padding and left alone.
            if (frame != gzip_or_zlib_frame || stream.avail_in < 2 || stream.next_in[0] != 0x1f ||
                stream.next_in[1] != 0x8b)
                return {};
            if (inflateReset(&stream) != Z_OK)
                return damaged("gzip");
        } else if (result == Z_BUF_ERROR) {
            return damaged("compressed data that ends too early");
        } else if (result != Z_OK) {
            return damaged(stream.msg ? stream.msg : "compressed data that is damaged");
        }
    }
}

problem gunzip(std::string_view in, bounded_output& out) { return inflate_all(in, gzip_or_zlib_frame, out); }

// "deflate" means zlib's frame (RFC 9110 8.4.1.2), but bare deflate data is sent under that name, too. A zlib frame
// begins with the method 8 and a checked number; bare data doesn't, but for one in a thousand by chance.
problem undeflate(std::string_view in, bounded_output& out)
{
    const bool framed = in.size() >= 2 && (bytes(in)[0] & 0x0fU) == 8 && (bytes(in)[0] * 256U + bytes(in)[1]) % 31 == 0;
    return inflate_all(in, framed ? gzip_or_zlib_frame : no_frame, out);
}

problem unbrotli(std::string_view in, bounded_output& out)
{
    const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state(
        BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), &BrotliDecoderDestroyInstance);
    if (!state)
        throw std::bad_alloc();
    const std::uint8_t* next_in = bytes(in);
    std::size_t left_in = in.size();
    chunk buffer;
    for (;;) {
        std::uint8_t* next_out = buffer.data();
        std::size_t left_out = buffer.size();
        const auto result =
            BrotliDecoderDecompressStream(state.get(), &left_in, &next_in, &left_out, &next_out, nullptr);
        if (!out.add(buffer.data(), buffer.size() - left_out))
            return {problem_kind::bomb, {}};
        if (result == BROTLI_DECODER_RESULT_SUCCESS)
            return {};
        if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT)
            return damaged("brotli data that ends too early");
        if (result == BROTLI_DECODER_RESULT_ERROR)
            return damaged(BrotliDecoderErrorString(BrotliDecoderGetErrorCode(state.get())));
    }
}

problem unzstd(std::string_view in, bounded_output& out)
{
    const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(), &ZSTD_freeDStream);
    if (!stream)
        throw std::bad_alloc();
    // RFC 8878 and 9659: what is sent over HTTP needs a window of at most 8 MB.
    ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, 23);
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    chunk buffer;
    for (;;) {
        ZSTD_outBuffer to{buffer.data(), buffer.size(), 0};
        const std::size_t result = ZSTD_decompressStream(stream.get(), &to, &from);
        if (ZSTD_isError(result))
            return damaged(ZSTD_getErrorName(result));
        if (!out.add(buffer.data(), to.pos))
            return {problem_kind::bomb, {}};
        if (result == 0 && from.pos == from.size)
            return {};
        if (to.pos < to.size && from.pos == from.size)
            return damaged("zstd data that ends too early");
    }
}

problem undo(const std::string& encoding, std::string_view in, bounded_output& out)
{
    if (encoding == "gzip" || encoding == "x-gzip")
        return gunzip(in, out);
    if (encoding == "deflate")
        return undeflate(in, out);
    if (encoding == "br")
        return unbrotli(in, out);
    if (encoding == "zstd")
        return unzstd(in, out);
    return {problem_kind::bad_encoding, encoding};
}

// The encodings that a header names, as they were applied, without those that change nothing.
std::vector<std::string> encodings_in(std::string_view header)
{
    std::vector<std::string> found(1);
    for (const char c : header) {
        if (c == ',')
            found.emplace_back();
        else if (c != ' ' && c != '\t')
            found.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    std::erase_if(found, [](const std::string& name) { return name.empty() || name == "identity" || name == "none"; });
    return found;
}

bool is_gzip(std::string_view body) { return body.size() > 2 && body.starts_with("\x1f\x8b\x08"); }

} // namespace

decoded decode(std::string body, std::string_view content_encoding, const decode_limits& limits)
{
    std::vector<std::string> encodings = encodings_in(content_encoding);
    // Servers that label a body which they then send plain are common; that is no reason to lose a feed.
    if (!encodings.empty() && (encodings.back() == "gzip" || encodings.back() == "x-gzip") && !is_gzip(body))
        encodings.pop_back();
    if (encodings.empty() && is_gzip(body))
        encodings.emplace_back("gzip");
    if (encodings.size() > static_cast<std::size_t>(limits.layers))
        return {{}, {problem_kind::bad_encoding, std::to_string(encodings.size()) + " encodings on top of each other"}};

    const std::size_t encoded = body.size();
    for (; !encodings.empty(); encodings.pop_back()) {
        bounded_output out(encoded, limits);
        if (problem wrong = undo(encodings.back(), body, out))
            return {{}, std::move(wrong)};
        body = out.take();
    }
    return {std::move(body), {}};
}

} // namespace rssmania
