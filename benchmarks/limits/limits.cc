// Measures what this machine can do at most: float32 fused multiply-adds a second in registers, and
// bytes a second that it reads from a buffer which is read again and again (so from the cache that
// holds it).
//
//   limits THREADS BYTES...
//
// Prints {"fma": multiply-adds per second, "bandwidth": {"BYTES": bytes per second, ...}}: of all
// threads together, the best of some rounds. Each thread reads the same buffer, as threads that
// compute steps of a network read the same weights.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#else
constexpr int kLanes = 8;
#endif
typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));

constexpr int kRounds = 50;

// Keeps the compiler from leaving out what computes it.
void Keep(Vector value) { asm volatile("" : : "x"(value)); }

// The most that `threads` threads do per second, when each call of `work` does `amount`.
double BestRate(int threads, double amount, const std::function<void()>& work) {
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::atomic<int> waiting{threads};
    std::vector<std::thread> workers;
    std::vector<double> seconds(threads);
    for (int i = 0; i < threads; ++i) {
      workers.emplace_back([&, i] {
        work();  // Warms up.
        --waiting;
        while (waiting > 0) {
        }
        const auto start = std::chrono::steady_clock::now();
        work();
        seconds[i] =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      });
    }
    for (std::thread& worker : workers) worker.join();
    double rate = 0;
    for (const double s : seconds) rate += amount / s;
    if (rate > best) best = rate;
  }
  return best;
}

double MultiplyAdds(int threads) {
  constexpr int kIterations = 200000;
  constexpr int kChains = 12;  // Hide the latency: 4 to 5 cycles, two a cycle.
  return BestRate(threads, 1.0 * kIterations * kChains * kLanes, [] {
    Vector sums[kChains] = {};
    Vector factor = Vector{} + 0.999f;
    Vector term = Vector{} + 0.5f;
    asm volatile("" : "+x"(factor), "+x"(term));
    for (int i = 0; i < kIterations; ++i) {
#pragma GCC unroll 12
      for (int k = 0; k < kChains; ++k) {
#if defined(__AVX512F__)
        asm("vfmadd213ps %2, %1, %0" : "+v"(sums[k]) : "v"(factor), "v"(term));
#else
        asm("vfmadd213ps %2, %1, %0" : "+x"(sums[k]) : "x"(factor), "x"(term));
#endif
      }
    }
#pragma GCC unroll 12
    for (int k = 0; k < kChains; ++k) Keep(sums[k]);
  });
}

double Bandwidth(int threads, size_t bytes) {
  constexpr size_t kUnroll = 8;
  const size_t step = kUnroll * sizeof(Vector);
  const size_t steps = (bytes + step - 1) / step;
  std::vector<Vector> buffer(steps * kUnroll, Vector{} + 1.0f);
  const size_t passes = 1 + (size_t{32} << 20) / (steps * step);
  return BestRate(threads, 1.0 * passes * steps * step, [&] {
    Vector sums[kUnroll] = {};
    for (size_t pass = 0; pass < passes; ++pass) {
      const Vector* data = buffer.data();
      asm volatile("" : "+r"(data) : : "memory");
      for (size_t i = 0; i < steps; ++i, data += kUnroll) {
        for (size_t k = 0; k < kUnroll; ++k) sums[k] += data[k];
      }
    }
#pragma GCC unroll 8
    for (size_t k = 0; k < kUnroll; ++k) Keep(sums[k]);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 0;
  if (threads < 1) {
    std::fprintf(stderr, "Usage: limits THREADS BYTES...\n");
    return 1;
  }
  std::printf("{\"fma\": %.6g, \"bandwidth\": {", MultiplyAdds(threads));
  for (int i = 2; i < argc; ++i) {
    const long long bytes = std::atoll(argv[i]);
    if (bytes < 1) {
      std::fprintf(stderr, "BYTES is '%s'; it must be a positive number\n", argv[i]);
      return 1;
    }
    std::printf("%s\"%lld\": %.6g", i > 2 ? ", " : "", bytes, Bandwidth(threads, bytes));
  }
  std::printf("}}\n");
}
