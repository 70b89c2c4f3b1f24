#include "parse/decode.hpp"

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <functional>

namespace rssmania {
namespace {

const std::string text = "<rss>" + std::string(1000, 'a') + "</rss>";

std::string deflated(const std::string& plain, int window_bits)
{
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&stream, plain.size()) + 64, '\0');
    std::string in = plain;
    stream.next_in = reinterpret_cast<unsigned char*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<unsigned char*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string gzip(const std::string& plain) { return deflated(plain, 15 + 16); }

std::string zstd(const std::string& plain)
{
    std::string out(ZSTD_compressBound(plain.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3));
    return out;
}

TEST(a_body, without_encoding_is_as_it_is)
{
    EXPECT_EQ(decode(text, "").body, text);
    EXPECT_EQ(decode(text, "identity").body, text);
}

TEST(a_body, in_gzip_is_undone)
{
    EXPECT_EQ(decode(gzip(text), "gzip").body, text);
    EXPECT_EQ(decode(gzip(text), "X-GZip ").body, text);
}

TEST(a_body, in_several_gzip_members_is_joined) { EXPECT_EQ(decode(gzip("one") + gzip("two"), "gzip").body, "onetwo"); }

TEST(a_body, in_gzip_with_padding_behind_is_undone) { EXPECT_EQ(decode(gzip(text) + "\0\0\0junk", "gzip").body, text); }

TEST(a_body, in_gzip_without_saying_so_is_undone) { EXPECT_EQ(decode(gzip(text), "").body, text); }

TEST(a_body, that_only_says_gzip_is_as_it_is) { EXPECT_EQ(decode(text, "gzip").body, text); }

TEST(a_body, in_deflate_is_undone_with_and_without_its_frame)
{
    EXPECT_EQ(decode(deflated(text, 15), "deflate").body, text);
    EXPECT_EQ(decode(deflated(text, -15), "deflate").body, text);
}

TEST(a_body, in_brotli_is_undone)
{
    std::string out(1000, '\0');
    std::size_t size = out.size();
    ASSERT_TRUE(BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, text.size(),
                                      reinterpret_cast<const uint8_t*>(text.data()), &size,
                                      reinterpret_cast<uint8_t*>(out.data())));
    out.resize(size);
    EXPECT_EQ(decode(out, "br").body, text);
    EXPECT_EQ(decode(out.substr(0, size / 2), "br").wrong.kind, problem_kind::bad_encoding);
}

TEST(a_body, in_zstd_is_undone) { EXPECT_EQ(decode(zstd(text), "zstd").body, text); }

TEST(a_body, in_two_encodings_is_undone_in_their_order)
{
    EXPECT_EQ(decode(gzip(zstd(text)), "zstd, gzip").body, text);
}

TEST(a_body, in_many_encodings_is_refused)
{
    EXPECT_EQ(decode(gzip(gzip(gzip(text))), "gzip, gzip, gzip").wrong.kind, problem_kind::bad_encoding);
}

TEST(a_body, in_an_unknown_encoding_is_refused_by_name)
{
    EXPECT_EQ(decode(text, "compress").wrong, (problem{problem_kind::bad_encoding, "compress"}));
}

TEST(a_body, that_is_truncated_is_refused)
{
    for (const auto& [name, encoded] :
         {std::pair{"gzip", gzip(text)}, {"deflate", deflated(text, 15)}, {"zstd", zstd(text)}})
        EXPECT_EQ(decode(encoded.substr(0, encoded.size() - 6), name).wrong.kind, problem_kind::bad_encoding) << name;
}

TEST(a_body, whose_checksum_is_wrong_is_refused)
{
    std::string damaged = gzip(text);
    damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);
    EXPECT_EQ(decode(damaged, "gzip").wrong.kind, problem_kind::bad_encoding);
}

TEST(a_bomb, is_stopped_by_its_size)
{
    const decode_limits small{.size = 100'000};
    const std::string bomb = gzip(std::string(1'000'000, ' '));
    EXPECT_EQ(decode(bomb, "gzip", small).wrong.kind, problem_kind::bomb);
    EXPECT_EQ(decode(zstd(std::string(1'000'000, ' ')), "zstd", small).wrong.kind, problem_kind::bomb);
}

TEST(a_bomb, is_stopped_by_its_ratio)
{
    const decode_limits strict{.ratio = 100, .ratio_free = 10'000};
    EXPECT_EQ(decode(gzip(std::string(1'000'000, ' ')), "gzip", strict).wrong.kind, problem_kind::bomb);
    EXPECT_FALSE(decode(gzip(std::string(9'000, ' ')), "gzip", strict).wrong);
}

TEST(a_bomb, inside_another_encoding_is_stopped_as_well)
{
    const decode_limits strict{.ratio = 100, .ratio_free = 10'000};
    EXPECT_EQ(decode(gzip(gzip(std::string(10'000'000, ' '))), "gzip, gzip", strict).wrong.kind, problem_kind::bomb);
}

} // namespace
} // namespace rssmania
