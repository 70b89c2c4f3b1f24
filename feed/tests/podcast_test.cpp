#include "helpers.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

constexpr std::string_view namespaces =
    "xmlns:podcast='https://podcastindex.org/namespace/1.0' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'";

// What is said of the only entry of a feed that has `inside` in it.
feed::document with_entry(std::string_view inside)
{
    return feed::parse(std::string("<rss version='2.0' ")
                           .append(namespaces)
                           .append("><channel><title>t</title><item>")
                           .append(inside)
                           .append("</item></channel></rss>"));
}

feed::document with_feed(std::string_view inside)
{
    return feed::parse(std::string("<rss version='2.0' ")
                           .append(namespaces)
                           .append("><channel><title>t</title>")
                           .append(inside)
                           .append("</channel></rss>"));
}

const feed::podcast& podcast_of(const feed::metadata& of)
{
    static const feed::podcast nothing;
    return of.podcast != nullptr ? *of.podcast : nothing;
}

} // namespace

TEST(podcast, durations_are_seconds_or_clocks)
{
    for (const auto& [text, wanted] : {std::pair<std::string_view, std::chrono::seconds>{"3661", 3661s},
                                       {"1:01:01", 3661s},
                                       {" 61:01 ", 3661s},
                                       {"3661.9", 3661s}}) {
        const auto document = with_entry("<itunes:duration>" + std::string(text) + "</itunes:duration>");
        EXPECT_EQ(podcast_of(document.entries[0]).duration, wanted) << text;
    }
}

TEST(podcast, what_is_no_duration_is_none)
{
    for (const std::string_view text : {"", "soon", "-5", "1e400", "1:2:3:4", "99999999999999999999"}) {
        const auto document = with_entry("<itunes:duration>" + std::string(text) + "</itunes:duration>");
        EXPECT_EQ(podcast_of(document.entries[0]).duration, std::nullopt) << text;
    }
}

TEST(podcast, season_and_episode_are_numbers)
{
    const auto document = with_entry("<itunes:season>3</itunes:season><itunes:episode>7</itunes:episode>"
                                     "<itunes:episodeType>bonus</itunes:episodeType>");
    const feed::podcast& said = podcast_of(document.entries[0]);
    EXPECT_EQ(said.season, 3);
    EXPECT_EQ(said.episode, 7);
    EXPECT_EQ(said.episode_kind, "bonus");
}

TEST(podcast, names_of_season_and_episode_are_kept)
{
    const auto document = with_entry("<podcast:season name='Winter'>2</podcast:season>"
                                     "<podcast:episode display='Ch.3'>204.5</podcast:episode>");
    const feed::podcast& said = podcast_of(document.entries[0]);
    EXPECT_EQ(said.season_name, "Winter");
    EXPECT_EQ(said.episode, 204.5);
    EXPECT_EQ(said.episode_name, "Ch.3");
}

TEST(podcast, every_transcript_is_kept)
{
    const auto document = with_entry("<podcast:transcript url='http://e.org/1.vtt' type='text/vtt' language='en'/>"
                                     "<podcast:transcript url='http://e.org/1.srt' type='text/srt' rel='captions'/>");
    const feed::podcast& said = podcast_of(document.entries[0]);
    ASSERT_EQ(said.transcripts.size(), 2U);
    EXPECT_EQ(said.transcripts[0].language, "en");
    EXPECT_EQ(said.transcripts[1].url, "http://e.org/1.srt");
    EXPECT_EQ(said.transcripts[1].rel, "captions");
}

TEST(podcast, a_person_is_a_host_of_the_cast_if_nothing_else_is_said)
{
    const auto document =
        with_entry("<podcast:person href='http://e.org/a'>Ann</podcast:person>"
                   "<podcast:person role='guest' group='writing' img='http://e.org/b.png'>Bob</podcast:person>");
    const feed::podcast& said = podcast_of(document.entries[0]);
    ASSERT_EQ(said.persons.size(), 2U);
    EXPECT_EQ(said.persons[0].role, "host");
    EXPECT_EQ(said.persons[0].group, "cast");
    EXPECT_EQ(said.persons[1].name, "Bob");
    EXPECT_EQ(said.persons[1].role, "guest");
    EXPECT_EQ(said.persons[1].image, "http://e.org/b.png");
}

TEST(podcast, a_soundbite_is_a_stretch_of_time)
{
    const auto document = with_entry("<podcast:soundbite startTime='73.5' duration='60'>Why</podcast:soundbite>");
    const feed::soundbite& bite = podcast_of(document.entries[0]).soundbites.front();
    EXPECT_EQ(bite.start, 73500ms);
    EXPECT_EQ(bite.duration, 60000ms);
    EXPECT_EQ(bite.title, "Why");
}

TEST(podcast, value_has_its_recipients)
{
    const auto document = with_feed("<podcast:value type='lightning' method='keysend' suggested='0.00000005000'>"
                                    "<podcast:valueRecipient name='host' type='node' address='02d5' split='90'/>"
                                    "<podcast:valueRecipient name='app' type='node' address='03ae' split='10' "
                                    "fee='true' customKey='7' customValue='x'/>"
                                    "</podcast:value>");
    const feed::value_block& value = podcast_of(document).values.front();
    EXPECT_EQ(value.method, "keysend");
    ASSERT_EQ(value.recipients.size(), 2U);
    EXPECT_EQ(value.recipients[0].split, 90);
    EXPECT_FALSE(value.recipients[0].fee);
    EXPECT_TRUE(value.recipients[1].fee);
    EXPECT_EQ(value.recipients[1].custom_value, "x");
}

TEST(podcast, an_alternate_enclosure_has_sources_and_a_seal)
{
    const auto document = with_entry(
        "<podcast:alternateEnclosure type='audio/opus' length='100' bitrate='32000.5' default='true'>"
        "<podcast:source uri='http://e.org/a.opus'/><podcast:source uri='ipfs://a' contentType='audio/opus'/>"
        "<podcast:integrity type='sri' value='sha384-x'/></podcast:alternateEnclosure>");
    const feed::alternate_enclosure& other = podcast_of(document.entries[0]).alternate_enclosures.front();
    EXPECT_EQ(other.length, 100);
    EXPECT_EQ(other.bit_rate, 32000.5);
    EXPECT_TRUE(other.is_default);
    ASSERT_EQ(other.sources.size(), 2U);
    EXPECT_EQ(other.sources[1].type, "audio/opus");
    EXPECT_EQ(other.integrity, "sha384-x");
}

TEST(podcast, what_a_live_item_says_is_not_said_of_the_feed)
{
    const auto document = with_feed("<link>http://e.org/</link>"
                                    "<podcast:liveItem status='live' start='2021-09-26T07:30:00.000-0600'>"
                                    "<title>Live!</title><link>http://e.org/live</link><guid>live-1</guid>"
                                    "<enclosure url='http://e.org/stream' type='audio/mpeg'/>"
                                    "<author>Ann</author></podcast:liveItem>");
    EXPECT_EQ(document.title.value, "t");
    EXPECT_EQ(document.link, "http://e.org/");
    EXPECT_TRUE(document.author.empty());
    const feed::live_item& live = podcast_of(document).live_items.front();
    EXPECT_EQ(live.status, "live");
    EXPECT_EQ(live.title, "Live!");
    EXPECT_EQ(live.guid, "live-1");
    EXPECT_EQ(live.enclosure_url, "http://e.org/stream");
    EXPECT_EQ(live.start, feed::parse_date("2021-09-26T13:30:00Z"));
}

TEST(podcast, a_set_of_images_is_taken_apart)
{
    const auto document =
        with_feed("<podcast:images srcset='http://e.org/1.jpg 1500w, http://e.org/2.jpg 600w,\nhttp://e.org/3.jpg'/>");
    const auto& images = podcast_of(document).images;
    ASSERT_EQ(images.size(), 3U);
    EXPECT_EQ(images[0].width, 1500);
    EXPECT_EQ(images[1].url, "http://e.org/2.jpg");
    EXPECT_EQ(images[2].width, std::nullopt);
}

TEST(podcast, the_rest_of_the_namespace_is_read)
{
    const auto document = with_feed(
        "<podcast:guid>917393e3</podcast:guid><podcast:medium>music</podcast:medium>"
        "<podcast:locked owner='a@e.org'>yes</podcast:locked><podcast:license "
        "url='http://e.org/l'>my-license</podcast:license>"
        "<podcast:funding url='http://e.org/pay'>Pay</podcast:funding><podcast:txt purpose='verify'>S6lpp</podcast:txt>"
        "<podcast:location geo='geo:30.27,-97.73' osm='R113314'>Austin</podcast:location>"
        "<podcast:trailer pubdate='Thu, 01 Apr 2021 08:00:00 GMT' url='http://e.org/t.mp3' length='12' "
        "type='audio/mpeg'>Soon</podcast:trailer>"
        "<podcast:block id='google'>yes</podcast:block><podcast:podping usesPodping='true'/>"
        "<podcast:updateFrequency rrule='FREQ=WEEKLY' complete='true'>Weekly</podcast:updateFrequency>"
        "<podcast:podroll><podcast:remoteItem feedGuid='29cdca4a'/><podcast:remoteItem "
        "feedGuid='396d9ae0'/></podcast:podroll>"
        "<podcast:chapters url='http://e.org/c.json' type='application/json+chapters'/>"
        "<podcast:socialInteract protocol='activitypub' uri='http://e.org/s' priority='1'/>");
    const feed::podcast& said = podcast_of(document);
    EXPECT_EQ(said.guid, "917393e3");
    EXPECT_EQ(said.medium, "music");
    EXPECT_EQ(said.locked, true);
    EXPECT_EQ(said.locked_owner, "a@e.org");
    EXPECT_EQ(said.license_url, "http://e.org/l");
    EXPECT_EQ(said.fundings.front().message, "Pay");
    EXPECT_EQ(said.texts.front().value, "S6lpp");
    EXPECT_EQ(said.locations.front().osm, "R113314");
    EXPECT_EQ(said.trailers.front().length, 12);
    EXPECT_TRUE(said.trailers.front().published);
    EXPECT_TRUE(said.blocks.front().blocked);
    EXPECT_EQ(said.uses_podping, true);
    EXPECT_EQ(said.update_rule, "FREQ=WEEKLY");
    EXPECT_EQ(said.complete, true);
    EXPECT_EQ(said.remote_items.size(), 2U);
    EXPECT_EQ(said.chapters_url, "http://e.org/c.json");
    EXPECT_EQ(said.social_interactions.front().priority, 1);
}
