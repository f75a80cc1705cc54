#include "servable/generation/numpy_log.h"

#include <cmath>
#include <limits>

namespace magenta_serving {
namespace {

// Coefficients of log(1 + m) ~ P(m) / Q(m), by ascending powers of m.
constexpr float kP[] = {0.0f,
                        9.999999999999998702752e-01f,
                        2.112677543073053063722e+00f,
                        1.480000633576506585156e+00f,
                        3.808837741388407920751e-01f,
                        2.589979117907922693523e-02f};
constexpr float kQ[] = {1.0f,
                        2.612677543073109236779e+00f,
                        2.453006071784736363091e+00f,
                        9.864942958518418960339e-01f,
                        1.546476374983906719538e-01f,
                        5.875095403124574342950e-03f};
constexpr float kSqrtHalf = 0.707106781186547524400844362104849039f;
constexpr float kLog2 = 0.693147180559945309417232121458176568f;

// Horner's rule; the fused multiply-adds are part of the result.
float Polynomial(const float (&coefficients)[6], float x) {
  float sum = coefficients[5];
  for (int i = 4; i >= 0; --i) sum = std::fma(sum, x, coefficients[i]);
  return sum;
}

}  // namespace

float NumpyLog(float x) {
  if (std::isnan(x)) return x;
  if (x < 0) return std::numeric_limits<float>::quiet_NaN();
  if (x == 0) return -std::numeric_limits<float>::infinity();
  if (std::isinf(x)) return x;
  int exponent;
  float mantissa = std::frexp(x, &exponent);  // in [0.5, 1)
  if (mantissa <= kSqrtHalf) {
    mantissa += mantissa;
    --exponent;
  }
  mantissa -= 1.0f;
  return std::fma(static_cast<float>(exponent), kLog2,
                  Polynomial(kP, mantissa) / Polynomial(kQ, mantissa));
}

}  // namespace magenta_serving
