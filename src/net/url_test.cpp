#include "net/url.h"

#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel {
namespace {

/// The message with which `parse` is refused.
template <class Parse>
std::string refusal_of(Parse parse) {
  try {
    return "taken as " + parse().str();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_url);
    return failure.what();
  }
}

std::string refusal(std::string_view text) {
  return refusal_of([text] { return Url::parse(text); });
}

struct Cleaning {
  std::string_view text;
  std::string_view url;
};

TEST(Url, IsCleanedTheWayBrowsersDo) {
  const Cleaning cases[] = {
      {"HTTP://EXAMPLE.com", "http://example.com/"},
      {"HtTpS://Example.COM/Path", "https://example.com/Path"},
      {" \t\nhttp://a/\r\n", "http://a/"},
      {"https://a:443/", "https://a/"},
      {"http://a:80/x", "http://a/x"},
      {"http://a:443/", "http://a:443/"},
      {"http://a:/", "http://a/"},
      {"http://a:65535/", "http://a:65535/"},
      {"http://a#f", "http://a/"},
      {"http://a/b?c#d?e", "http://a/b?c"},
      {"http://a?q", "http://a/?q"},
      {"http://a?", "http://a/"},
      {"http://a/?a=b&c=d?e", "http://a/?a=b&c=d?e"},
      {"http://a/../../b/./c/", "http://a/b/c/"},
      {"http://a/b/..", "http://a/"},
      {"http://a/b//c", "http://a/b//c"},
      {"http://a/x:y@b?c@d", "http://a/x:y@b?c@d"},
      {"http://a_b.com/", "http://a_b.com/"},
      {"http://a./", "http://a./"},
      {"http://ex%41mple.com/", "http://example.com/"},
  };
  for (const auto& [text, url] : cases) EXPECT_EQ(Url::parse(text).str(), url) << text;
}

TEST(Url, PercentEncodesWhatMayNotStandInIt) {
  const Cleaning cases[] = {
      {"http://a/b c?d e", "http://a/b%20c?d%20e"},
      {"http://a/ü/日?ü=ß", "http://a/%C3%BC/%E6%97%A5?%C3%BC=%C3%9F"},
      {"http://a/\xff", "http://a/%FF"},
      {R"(http://a/"<>^`{|})", "http://a/%22%3C%3E%5E%60%7B%7C%7D"},
      {R"(http://a/?"<>^`{|})", "http://a/?%22%3C%3E%5E%60%7B%7C%7D"},
      {"http://a/%C3%bc%20%zz%", "http://a/%C3%bc%20%zz%"},
      {"http://a/-._~:@!$&'()*+,;=[]?/:@!$&'()*+,;=[]", "http://a/-._~:@!$&'()*+,;=[]?/:@!$&'()*+,;=[]"},
  };
  for (const auto& [text, url] : cases) EXPECT_EQ(Url::parse(text).str(), url) << text;
}

TEST(Url, IsTheSameWhenItIsReadAgain) {
  for (const auto* text : {"http://bücher.example:81/a b/ü?q r", "https://[2001:DB8::1]:8443/%41", "http://a/?\"|"}) {
    const auto once = Url::parse(text);
    EXPECT_EQ(Url::parse(once.str()), once) << text;
  }
}

TEST(Url, HasInternationalHostNamesInTheirAsciiForm) {
  const Cleaning cases[] = {
      {"http://bücher.example/", "xn--bcher-kva.example"},
      {"http://BÜCHER.example/", "xn--bcher-kva.example"},
      {"http://faß.de/", "xn--fa-hia.de"},
      {"http://日本語.jp/", "xn--wgv71a119e.jp"},
      {"http://a。b/", "a.b"},
      {"http://xn--bcher-kva.example/", "xn--bcher-kva.example"},
      {"http://b%C3%BCcher.example/", "xn--bcher-kva.example"},
  };
  for (const auto& [text, host] : cases) EXPECT_EQ(Url::parse(text).host(), host) << text;
}

TEST(Url, RefusesCharactersThatTurnIntoTheEndOfAHostName) {
  for (const auto* text :
       {"http://evil.test／.good.test/", "http://127.0.0.1／.x/", "http://good＠evil.test/", "http://ex℀mple.test/",
        "http://a＃b.test/", "http://a：80/", "http://a？b/", "http://\u00ad/", "http://\xff/"}) {
    EXPECT_TRUE(refusal(text).ends_with("' has no usable international host name")) << text << ": " << refusal(text);
  }
}

TEST(Url, ReadsNumbersAsTheAddressesTheyMean) {
  for (const auto* text : {"http://2130706433/", "http://0x7f.1/", "http://017700000001/", "http://１２７.0.0.1/"}) {
    EXPECT_EQ(Url::parse(text).host(), "127.0.0.1") << text;
  }
}

TEST(Url, KeepsThePartsOfAnIpv6Address) {
  const auto url = Url::parse("http://[2001:DB8::1]:8080/p?q");
  EXPECT_EQ(url.host(), "2001:db8::1");
  EXPECT_EQ(url.port(), 8080);
  EXPECT_EQ(url.authority(), "[2001:db8::1]:8080");
  EXPECT_EQ(url.origin(), "http://[2001:db8::1]:8080");
  EXPECT_EQ(Url::parse("https://[::1]/").origin(), "https://[::1]");
}

TEST(Url, NamesThePortOnlyWhereItIsNotTheSchemesOwn) {
  EXPECT_EQ(Url::parse("http://h:80/").authority(), "h");
  EXPECT_EQ(Url::parse("https://h/").authority(), "h");
  EXPECT_EQ(Url::parse("https://h/").port(), 443);
  EXPECT_EQ(Url::parse("https://h:80/").authority(), "h:80");
  EXPECT_EQ(Url::parse("https://h:80/").origin(), "https://h:80");
  EXPECT_TRUE(Url::parse("https://h/").is_https());
  EXPECT_FALSE(Url::parse("http://h:443/").is_https());
}

TEST(Url, HasPathAndQueryAsSent) {
  const auto url = Url::parse("http://h/a b/c?d=e f");
  EXPECT_EQ(url.encoded_path(), "/a%20b/c");
  EXPECT_EQ(url.encoded_query(), "d=e%20f");
  EXPECT_EQ(Url::parse("http://h").encoded_path(), "/");
  EXPECT_EQ(Url::parse("http://h?").encoded_query(), "");
}

TEST(Url, IsRefusedWithTheReason) {
  const struct {
    std::string_view text;
    std::string_view reason;
  } cases[] = {
      {"", "has no scheme: write it like https://host/path"},
      {"example.com/a", "has no scheme: write it like https://host/path"},
      {"//example.com/a", "has no scheme: write it like https://host/path"},
      {"http:/example.com", "has no scheme: write it like https://host/path"},
      {"data:image/png;base64,xx", "has no scheme: write it like https://host/path"},
      {"see http://a/", "has no scheme: write it like https://host/path"},
      {"ftp://a/", "is neither http nor https"},
      {"file:///etc/passwd", "is neither http nor https"},
      {"http://", "has no usable host name"},
      {"http://exa mple/", "has no usable host name"},
      {"http://a%2Fb/", "has no usable host name"},
      {R"(http://a\b/)", "has no usable host name"},
      {"http://*/", "has no usable host name"},
      {"http://a:0/", "has a bad port number"},
      {"http://a:65536/", "has a bad port number"},
      {"http://a:-1/", "has a bad port number"},
      {"http://a:8x/", "has a bad port number"},
      {"http://[::1/", "has a bad IPv6 address"},
      {"http://[zz]/", "has a bad IPv6 address"},
      {"http://a/\x01", "is not a URL: write it like https://host/path"},
      {"http://a/b\nc", "is not a URL: write it like https://host/path"},
  };
  for (const auto& [text, reason] : cases) {
    EXPECT_EQ(refusal(text), "'" + std::string(text) + "' " + std::string(reason));
  }
}

TEST(Url, RefusesUserNamesAndPasswordsWithoutRepeatingThem) {
  for (const auto* text :
       {"http://user:hunter2@h/", "http://hunter2@h/", "http://user:hunter2@h:99999/", "http://user:hunter2/x@h/",
        "ftp://user:hunter2@h/", "user:hunter2@h/", "http://u:hunter2@x@h/", "//user:hunter2@h/"}) {
    EXPECT_EQ(refusal(text).find("hunter2"), std::string::npos) << refusal(text);
    EXPECT_NE(refusal(text).find("***@h"), std::string::npos) << refusal(text);
  }
  EXPECT_EQ(refusal("http://u:p@h/"),
            "'http://***@h/' carries a user name or password, which is not allowed in a URL here");
  EXPECT_NE(refusal("http://@h/").find("user name"), std::string::npos);
}

TEST(Url, MayHaveEightThousandBytes) {
  const std::string longest = "http://a/" + std::string(8000 - 9, 'x');
  EXPECT_EQ(Url::parse(longest).str(), longest);
  const auto message = refusal(longest + "x");
  EXPECT_TRUE(message.ends_with("' has more than 8000 bytes"));
  EXPECT_LT(message.size(), 250U) << "a message shows its beginning only";
}

struct Reference {
  std::string_view reference;
  std::string_view url;
};

TEST(Url, ResolvesReferencesAgainstItself) {
  const auto base = Url::parse("http://a:8080/b/c/d?p=q");
  const Reference cases[] = {
      {"", "http://a:8080/b/c/d?p=q"},
      {"#f", "http://a:8080/b/c/d?p=q"},
      {"?q", "http://a:8080/b/c/d?q"},
      {"x", "http://a:8080/b/c/x"},
      {"./x", "http://a:8080/b/c/x"},
      {"../x", "http://a:8080/b/x"},
      {"../../../x", "http://a:8080/x"},
      {".", "http://a:8080/b/c/"},
      {"..", "http://a:8080/b/"},
      {"/x", "http://a:8080/x"},
      {"/x/../y?z#f", "http://a:8080/y?z"},
      {"  /x ", "http://a:8080/x"},
      {"//h/x", "http://h/x"},
      {"//h:81/x", "http://h:81/x"},
      {"//h:80", "http://h/"},
      {"HTTPS://H/x", "https://h/x"},
      {"http://bücher.example/", "http://xn--bcher-kva.example/"},
      {"//bücher.example/", "http://xn--bcher-kva.example/"},
      {"x y?z w", "http://a:8080/b/c/x%20y?z%20w"},
      {"ü?ü", "http://a:8080/b/c/%C3%BC?%C3%BC"},
      {"%41%zz", "http://a:8080/b/c/%41%zz"},
      {"http://[::1]:81/", "http://[::1]:81/"},
  };
  for (const auto& [reference, url] : cases) EXPECT_EQ(base.resolve(reference).str(), url) << reference;
}

TEST(Url, KeepsItsSchemeForSchemeRelativeReferences) {
  EXPECT_EQ(Url::parse("https://a/").resolve("//h/x").str(), "https://h/x");
}

TEST(Url, RefusesReferencesThatItCouldNotRead) {
  const auto base = Url::parse("http://a/b");
  for (const auto* reference : {"ftp://h/", "mailto:x@y", "javascript:alert(1)", "//u:p@h/", "http://u:p@h/", "//",
                                "http://h:99999/", "//evil.test／.good.test/"}) {
    const auto message = refusal_of([&] { return base.resolve(reference); });
    EXPECT_FALSE(message.starts_with("taken")) << reference << ' ' << message;
  }
}

}  // namespace
}  // namespace creel
