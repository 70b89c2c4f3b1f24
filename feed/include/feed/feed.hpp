#pragma once

/// The feed parser: bytes in, a feed out. It knows no process, no network and no disk.
#include <feed/date.hpp>
#include <feed/discover.hpp>
#include <feed/document.hpp>
#include <feed/element.hpp>
#include <feed/format.hpp>
#include <feed/html.hpp>
#include <feed/json.hpp>
#include <feed/list.hpp>
#include <feed/media.hpp>
#include <feed/options.hpp>
#include <feed/parse.hpp>
#include <feed/podcast.hpp>
#include <feed/stream.hpp>
#include <feed/uri.hpp>
