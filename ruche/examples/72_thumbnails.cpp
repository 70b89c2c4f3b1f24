// A real job: thumbnails of a folder of pictures, made by all processors, with a progress bar. One file is damaged, one
// kills its reader; both are named at the end, and all others are done. The pictures are in the plain PPM format, so
// that no library is needed.
#include <ruche/pool.hpp>
#include <ruche/this_process.hpp>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace fs = std::filesystem;

struct picture {
    int width = 0, height = 0;
    std::string bytes; // red, green, blue
};

picture read_picture(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    std::string kind;
    picture one;
    int most = 0;
    if (!(in >> kind >> one.width >> one.height >> most) || kind != "P6" || in.get() == EOF)
        throw std::runtime_error("no picture");
    one.bytes.resize(static_cast<std::size_t>(one.width) * static_cast<std::size_t>(one.height) * 3);
    if (!in.read(one.bytes.data(), static_cast<std::streamsize>(one.bytes.size())))
        throw std::runtime_error("cut off");
    return one;
}

void write_picture(const fs::path& path, const picture& one)
{
    std::ofstream out(path, std::ios::binary);
    out << "P6\n" << one.width << ' ' << one.height << "\n255\n" << one.bytes;
    if (!out.flush())
        throw std::runtime_error("can't be written");
}

/// The mean of each square of `by` times `by` pixels.
picture shrink(const picture& from, int by)
{
    picture to{from.width / by, from.height / by, {}};
    for (int y = 0; y < to.height; ++y)
        for (int x = 0; x < to.width; ++x)
            for (int colour = 0; colour < 3; ++colour) {
                int sum = 0;
                for (int dy = 0; dy < by; ++dy)
                    for (int dx = 0; dx < by; ++dx) {
                        const int at = ((y * by + dy) * from.width + x * by + dx) * 3 + colour;
                        sum += static_cast<unsigned char>(from.bytes[static_cast<std::size_t>(at)]);
                    }
                to.bytes.push_back(static_cast<char>(sum / (by * by)));
            }
    return to;
}

std::uintmax_t make_thumbnail(fs::path path)
{
    if (path.filename() == "7.ppm")
        std::raise(SIGSEGV); // as a decoder in some library might
    const picture large = read_picture(path);
    const fs::path small = path.replace_extension(".small.ppm");
    write_picture(small, shrink(large, 8));
    return fs::file_size(small);
}

std::vector<fs::path> make_pictures(const fs::path& folder, int count)
{
    std::vector<fs::path> paths;
    for (int n = 0; n < count; ++n) {
        picture one{128, 96, std::string(std::size_t{128} * 96 * 3, static_cast<char>(n))};
        paths.push_back(folder / (std::to_string(n) + ".ppm"));
        write_picture(paths.back(), one);
    }
    fs::resize_file(paths[3], 1000);
    return paths;
}

int main()
{
    const fs::path folder = fs::temp_directory_path() / ("thumbnails " + std::to_string(ruche::this_process::id()));
    fs::create_directory(folder);
    const auto paths = make_pictures(folder, 40);

    ruche::pool pool;
    const ruche::progress_bar bar("thumbnails"); // on standard error, if that is a terminal
    auto sizes = pool.map({.on_progress = bar}, make_thumbnail, paths);
    std::uintmax_t total = 0;
    auto path = paths.begin();
    for (auto size = sizes.begin(); size != sizes.end(); ++size, ++path) {
        try {
            total += *size;
        } catch (const std::exception& error) {
            const bool died = dynamic_cast<const ruche::process_died*>(&error);
            std::cout << path->filename() << ": " << (died ? "its reader died" : error.what()) << '\n';
        }
    }
    std::cout << total << " bytes of thumbnails\n";
    fs::remove_all(folder);
}
// prints: "3.ppm": cut off
// prints: "7.ppm": its reader died
// prints: 22382 bytes of thumbnails
