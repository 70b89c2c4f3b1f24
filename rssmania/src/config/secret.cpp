#include "config/secret.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <sys/stat.h>

namespace rssmania {
namespace {

std::string from_environment(const std::string& name)
{
    const char* value = std::getenv(name.c_str());
    if (!value)
        throw std::runtime_error("the environment has no " + name + ", which should hold a password");
    return value;
}

std::string from_file(const std::string& path)
{
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0)
        throw std::runtime_error("there is no file " + path + ", which should hold a password");
    if ((facts.st_mode & 077U) != 0)
        throw std::runtime_error("others may read " + path + ", which holds a password: chmod 600 it");
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line))
        throw std::runtime_error("no password can be read from " + path);
    return line;
}

} // namespace

std::string read_secret(const std::string& reference)
{
    if (reference.empty())
        return {};
    if (reference.starts_with("env:"))
        return from_environment(reference.substr(4));
    if (reference.starts_with("file:"))
        return from_file(reference.substr(5));
    throw std::runtime_error("a password is named by env:NAME or file:PATH");
}

} // namespace rssmania
