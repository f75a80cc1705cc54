#include "servable/generation/primer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "servable/base/status.h"

namespace magenta_serving {
namespace {

// Python refuses 060, so that nobody takes it for an octal number.
bool HasLeadingZero(absl::string_view number) {
  return number.substr(number.find_first_not_of("+-"), 1) == "0";
}

}  // namespace

absl::StatusOr<std::vector<int>> ParseIntegerList(absl::string_view text) {
  absl::string_view body = absl::StripAsciiWhitespace(text);
  const bool list = body.size() >= 2 && body.front() == '[' && body.back() == ']';
  const bool tuple = body.size() >= 2 && body.front() == '(' && body.back() == ')';
  if (!list && !tuple) {
    return MagentaError("ValueError",
                        absl::StrCat("expected a list of integers such as \"[60, -2, 62]\", got \"",
                                     text.substr(0, 80), "\""));
  }
  body = absl::StripAsciiWhitespace(body.substr(1, body.size() - 2));
  std::vector<int> values;
  if (body.empty()) return values;
  if (tuple && !absl::StrContains(body, ',')) {
    return MagentaError("ValueError", "a tuple of one needs a comma: \"(60,)\"");
  }
  if (body.back() == ',') body.remove_suffix(1);
  for (const absl::string_view item : absl::StrSplit(body, ',')) {
    const absl::string_view digits = absl::StripAsciiWhitespace(item);
    int value;
    if (!absl::SimpleAtoi(digits, &value) || (value != 0 && HasLeadingZero(digits))) {
      return MagentaError("ValueError", absl::StrCat("item ", values.size(), " of the list, \"",
                                                     item.substr(0, 40), "\", is not an integer"));
    }
    values.push_back(value);
  }
  return values;
}

absl::StatusOr<NoteSequence> ParseNoteSequence(absl::string_view name,
                                               absl::string_view serialized) {
  NoteSequence sequence;
  if (!sequence.ParseFromArray(serialized.data(), static_cast<int>(serialized.size()))) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, ": ", serialized.size(), " bytes that are not a serialized NoteSequence"));
  }
  return sequence;
}

absl::StatusOr<std::string> OnlyOneGiven(const Arguments& arguments,
                                         const std::vector<std::string>& names) {
  std::string given;
  for (const std::string& name : names) {
    if (arguments.Get<std::string>(name).empty()) continue;
    if (!given.empty())
      return absl::InvalidArgumentError(
          absl::StrCat("give either ", given, " or ", name, ", not both"));
    given = name;
  }
  return given;
}

}  // namespace magenta_serving
