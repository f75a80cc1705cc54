#include "servable/base/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

constexpr char kReplacement[] = "\xEF\xBF\xBD";

TEST(Utf8Test, KeepsWellFormedText) {
  for (const std::string text :
       {"", "C#m7", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "h\xC3\xA9 \xE2\x99\xAF \xF0\x9D\x84\x9E"}) {
    EXPECT_EQ(ReplaceInvalidUtf8(text), text);
  }
}

TEST(Utf8Test, ReplacesEachByteOfTheRest) {
  for (const std::string text :
       {"\x80", "\xFF\xFE", "\xC1\xBF", "\xC3", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x99"}) {
    std::string replaced;
    for (size_t i = 0; i < text.size(); ++i) replaced += kReplacement;
    EXPECT_EQ(ReplaceInvalidUtf8("a" + text + "b"), "a" + replaced + "b");
  }
}

}  // namespace
}  // namespace magenta_serving
