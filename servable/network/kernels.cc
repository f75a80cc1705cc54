#include "servable/network/kernels.h"

#include <limits>

// Compiles the part between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE for each instruction set.
// Which of them runs is decided here, so that Highway's headers are all that is needed of it.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "servable/network/kernels.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace magenta_serving {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, kPanel>;
using Integers = hn::RebindToSigned<Floats>;
using Vector = hn::Vec<Floats>;

constexpr Floats kFloats;
constexpr Integers kIntegers;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(kFloats));
constexpr int kVectors = kPanel / kLanes;  // of a panel

// Rows whose sums fit in the registers: 16 of them, or 32 with AVX-512.
constexpr int kMaxRows = kLanes == 16 ? 12 : kLanes == 8 ? 6 : 2;

HWY_INLINE Vector Constant(float value) { return hn::Set(kFloats, value); }

// The coefficients are those of the Cephes library's expf, https://netlib.org/cephes. What would be
// denormal is 0.
HWY_INLINE Vector Exp(Vector x) {
  const Vector lowest = Constant(-87.33654f);
  const Vector y = hn::Min(hn::Max(x, lowest), Constant(88.0f));
  const Vector n = hn::Round(hn::Mul(y, Constant(1.44269504088896341f)));
  Vector r = hn::NegMulAdd(n, Constant(0.693359375f), y);
  r = hn::NegMulAdd(n, Constant(-2.12194440e-4f), r);
  Vector p = Constant(1.9875691500e-4f);
  p = hn::MulAdd(p, r, Constant(1.3981999507e-3f));
  p = hn::MulAdd(p, r, Constant(8.3334519073e-3f));
  p = hn::MulAdd(p, r, Constant(4.1665795894e-2f));
  p = hn::MulAdd(p, r, Constant(1.6666665459e-1f));
  p = hn::MulAdd(p, r, Constant(5.0000001201e-1f));
  p = hn::Add(hn::MulAdd(p, hn::Mul(r, r), r), Constant(1.0f));
  const auto exponent = hn::Add(hn::ConvertTo(kIntegers, n), hn::Set(kIntegers, 127));
  const Vector power = hn::BitCast(kFloats, hn::ShiftLeft<23>(exponent));
  const Vector result = hn::IfThenZeroElse(hn::Lt(x, lowest), hn::Mul(p, power));
  return hn::IfThenElse(hn::IsNaN(x), x, result);
}

HWY_INLINE Vector Sigmoid(Vector x) {
  const Vector one = Constant(1.0f);
  return hn::Div(one, hn::Add(one, Exp(hn::Neg(x))));
}

// A quotient of polynomials with Eigen's coefficients, which are what TensorFlow computes: within 5
// units in the last place, and 1 from where rounding makes it so.
HWY_INLINE Vector Tanh(Vector x) {
  const Vector bound = Constant(7.99881172180175781f);
  const Vector y = hn::Max(hn::Min(x, bound), hn::Neg(bound));
  const Vector square = hn::Mul(y, y);
  Vector p = Constant(-2.76076847742355e-16f);
  p = hn::MulAdd(p, square, Constant(2.00018790482477e-13f));
  p = hn::MulAdd(p, square, Constant(-8.60467152213735e-11f));
  p = hn::MulAdd(p, square, Constant(5.12229709037114e-08f));
  p = hn::MulAdd(p, square, Constant(1.48572235717979e-05f));
  p = hn::MulAdd(p, square, Constant(6.37261928875436e-04f));
  p = hn::MulAdd(p, square, Constant(4.89352455891786e-03f));
  Vector q = Constant(1.19825839466702e-06f);
  q = hn::MulAdd(q, square, Constant(1.18534705686654e-04f));
  q = hn::MulAdd(q, square, Constant(2.26843463243900e-03f));
  q = hn::MulAdd(q, square, Constant(4.89352518554385e-03f));
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Div(hn::Mul(y, p), q));
}

// Sums over a row have kPanel partial sums, whatever the width of the registers.
HWY_INLINE float SumOfPanel(const Vector (&partial)[kVectors]) {
  HWY_ALIGN float sums[kPanel];
  for (int v = 0; v < kVectors; ++v) hn::Store(partial[v], kFloats, sums + v * kLanes);
  for (int half = kPanel / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) sums[i] += sums[i + half];
  }
  return sums[0];
}

template <int kRows, int kPanels>
HWY_INLINE void MultiplyAddTile(const float* HWY_RESTRICT a, size_t a_stride, int depth,
                                const float* HWY_RESTRICT w, float* HWY_RESTRICT c,
                                size_t c_stride) {
  const size_t panel_size = static_cast<size_t>(depth) * kPanel;
  Vector sums[kRows][kPanels * kVectors];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kPanels * kVectors; ++v)
      sums[r][v] = hn::LoadU(kFloats, c + r * c_stride + v * kLanes);
  }
  for (int k = 0; k < depth; ++k) {
    Vector weights[kPanels * kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kPanels * kVectors; ++v) {
      weights[v] =
          hn::Load(kFloats, w + (v / kVectors) * panel_size + k * kPanel + (v % kVectors) * kLanes);
    }
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const Vector x = Constant(a[r * a_stride + k]);
#pragma GCC unroll 16
      for (int v = 0; v < kPanels * kVectors; ++v)
        sums[r][v] = hn::MulAdd(x, weights[v], sums[r][v]);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kPanels * kVectors; ++v)
      hn::StoreU(sums[r][v], kFloats, c + r * c_stride + v * kLanes);
  }
}

// Panels of a tile: so many sums that the multipliers need not wait for one, and no more than there
// are registers.
constexpr int PanelsOfTile(int rows) {
  if (kLanes == 16) return rows <= 6 ? 4 : 2;
  if (kLanes == 8) return rows == 1 ? 4 : rows == 2 ? 2 : 1;
  return rows == 1 ? 2 : 1;
}

// Of exactly `rows` rows, which are at most kRows.
template <int kRows>
HWY_INLINE void MultiplyAddRows(const float* a, size_t a_stride, int rows, int depth,
                                const float* w, int num_panels, float* c, size_t c_stride) {
  if constexpr (kRows > 0) {
    if (rows < kRows) {
      return MultiplyAddRows<kRows - 1>(a, a_stride, rows, depth, w, num_panels, c, c_stride);
    }
    constexpr int kPanels = PanelsOfTile(kRows);
    const size_t panel_size = static_cast<size_t>(depth) * kPanel;
    int panel = 0;
    for (; panel + kPanels <= num_panels; panel += kPanels) {
      MultiplyAddTile<kRows, kPanels>(a, a_stride, depth, w + panel * panel_size,
                                      c + panel * kPanel, c_stride);
    }
    for (; panel < num_panels; ++panel) {
      MultiplyAddTile<kRows, 1>(a, a_stride, depth, w + panel * panel_size, c + panel * kPanel,
                                c_stride);
    }
  }
}

void MultiplyAdd(const float* a, size_t a_stride, int rows, int depth, const float* w,
                 int num_panels, float* c, size_t c_stride) {
  // Tiles of equal height: a low one would keep the multipliers waiting.
  for (int tiles = (rows + kMaxRows - 1) / kMaxRows; tiles > 0; --tiles) {
    const int height = (rows + tiles - 1) / tiles;
    MultiplyAddRows<kMaxRows>(a, a_stride, height, depth, w, num_panels, c, c_stride);
    a += height * a_stride;
    c += height * c_stride;
    rows -= height;
  }
}

void AddScaled(float scale, const float* x, int size, float* y) {
  const Vector factor = Constant(scale);
  for (int i = 0; i < size; i += kLanes) {
    hn::StoreU(hn::MulAdd(factor, hn::LoadU(kFloats, x + i), hn::LoadU(kFloats, y + i)), kFloats,
               y + i);
  }
}

void UpdateCells(const float* gates, const float* cells, float* new_cells, float* new_hidden) {
  for (int i = 0; i < kPanel; i += kLanes) {
    const Vector input = Sigmoid(hn::LoadU(kFloats, gates + i));
    const Vector candidate = Tanh(hn::LoadU(kFloats, gates + kPanel + i));
    const Vector forget = Sigmoid(hn::LoadU(kFloats, gates + 2 * kPanel + i));
    const Vector output = Sigmoid(hn::LoadU(kFloats, gates + 3 * kPanel + i));
    const Vector cell =
        hn::Add(hn::Mul(hn::LoadU(kFloats, cells + i), forget), hn::Mul(input, candidate));
    hn::StoreU(cell, kFloats, new_cells + i);
    hn::StoreU(hn::Mul(Tanh(cell), output), kFloats, new_hidden + i);
  }
}

void Softmax(float* values, int size, float temperature) {
  const Vector divisor = Constant(temperature);
  const int whole = size / kPanel * kPanel;
  // What follows the last whole panel, filled up with what has no probability.
  HWY_ALIGN float rest[kPanel];
  for (int i = 0; i < kPanel; ++i) {
    rest[i] = whole + i < size ? values[whole + i] / temperature
                               : -std::numeric_limits<float>::infinity();
  }
  Vector highest = hn::Load(kFloats, rest);
  for (int v = 1; v < kVectors; ++v)
    highest = hn::Max(highest, hn::Load(kFloats, rest + v * kLanes));
  for (int i = 0; i < whole; i += kLanes) {
    const Vector value = hn::Div(hn::LoadU(kFloats, values + i), divisor);
    hn::StoreU(value, kFloats, values + i);
    highest = hn::Max(highest, value);
  }
  const Vector shift = hn::MaxOfLanes(kFloats, highest);
  Vector partial[kVectors];
  for (int v = 0; v < kVectors; ++v) {
    partial[v] = Exp(hn::Sub(hn::Load(kFloats, rest + v * kLanes), shift));
    hn::Store(partial[v], kFloats, rest + v * kLanes);
  }
  for (int i = 0; i < whole; i += kPanel) {
    for (int v = 0; v < kVectors; ++v) {
      float* at = values + i + v * kLanes;
      const Vector power = Exp(hn::Sub(hn::LoadU(kFloats, at), shift));
      hn::StoreU(power, kFloats, at);
      partial[v] = hn::Add(partial[v], power);
    }
  }
  const float sum = SumOfPanel(partial);
  for (int i = 0; i < whole; i += kLanes) {
    hn::StoreU(hn::Div(hn::LoadU(kFloats, values + i), Constant(sum)), kFloats, values + i);
  }
  for (int i = whole; i < size; ++i) values[i] = rest[i - whole] / sum;
}

void Attend(const float* memory, const float* keys, int length, int size, int first,
            const float* query, const float* scale, float* scores, float* out) {
  const auto slot = [&](int l) { return first + l < length ? first + l : first + l - length; };
  for (int l = 0; l < length; ++l) {
    const float* key = keys + static_cast<size_t>(slot(l)) * size;
    Vector partial[kVectors];
    for (int v = 0; v < kVectors; ++v) partial[v] = hn::Zero(kFloats);
    for (int i = 0; i < size; i += kPanel) {
      for (int v = 0; v < kVectors; ++v) {
        const int at = i + v * kLanes;
        const Vector activation =
            Tanh(hn::Add(hn::LoadU(kFloats, key + at), hn::LoadU(kFloats, query + at)));
        partial[v] = hn::MulAdd(hn::LoadU(kFloats, scale + at), activation, partial[v]);
      }
    }
    scores[l] = SumOfPanel(partial);
  }
  Softmax(scores, length, 1.0f);
  for (int i = 0; i < size; i += kLanes) hn::StoreU(hn::Zero(kFloats), kFloats, out + i);
  for (int l = 0; l < length; ++l)
    AddScaled(scores[l], memory + static_cast<size_t>(slot(l)) * size, size, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace magenta_serving
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace magenta_serving {
namespace {

// `of` names a function of one instruction set.
#define MS_KERNELS(name, of) \
  { name, of(MultiplyAdd), of(AddScaled), of(UpdateCells), of(Attend), of(Softmax) }
#define MS_AVX512(function) N_AVX3::function
#define MS_AVX2(function) N_AVX2::function

std::vector<const Kernels*> FindSupportedKernels() {
  std::vector<const Kernels*> supported;
#if HWY_TARGETS & HWY_AVX3
  static constexpr Kernels kAvx512 = MS_KERNELS("AVX-512", MS_AVX512);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512cd")) {
    supported.push_back(&kAvx512);
  }
#endif
#if HWY_TARGETS & HWY_AVX2
  static constexpr Kernels kAvx2 = MS_KERNELS("AVX2", MS_AVX2);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) supported.push_back(&kAvx2);
#endif
  static constexpr Kernels kBaseline = MS_KERNELS("baseline", HWY_STATIC_DISPATCH);
  supported.push_back(&kBaseline);
  return supported;
}

#undef MS_AVX2
#undef MS_AVX512
#undef MS_KERNELS

}  // namespace

const std::vector<const Kernels*>& SupportedKernels() {
  static const auto* const kSupported = new std::vector<const Kernels*>(FindSupportedKernels());
  return *kSupported;
}

}  // namespace magenta_serving
#endif  // HWY_ONCE
