#include "servable/base/python_format.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace magenta_serving {

std::string PyRepr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 400> buffer;
  // Python switches to an exponent outside [1e-4, 1e16), std::to_chars by length alone.
  const double magnitude = std::fabs(value);
  const bool exponent = magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e16);
  const auto result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                    exponent ? std::chars_format::scientific : std::chars_format::fixed);
  std::string text(buffer.data(), result.ptr);
  if (!exponent && text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string PyFixed(double value, int digits) {
  if (std::isnan(value)) return "nan";  // C prints a sign
  std::array<char, 400> buffer;
  std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
  return buffer.data();
}

}  // namespace magenta_serving
