// A function that can pause in the middle and go on later, on whichever thread resumes it.
//
// Generating is straight-line code that asks a network for a step now and then. With a fiber for
// each sequence, a thread can take many sequences to their next step, compute it for all of them
// together, and let them go on: a switch costs nanoseconds, where one between threads costs
// microseconds.
#ifndef MAGENTA_SERVING_BATCHING_FIBER_H_
#define MAGENTA_SERVING_BATCHING_FIBER_H_

#include <exception>
#include <functional>

#include "boost/context/fiber.hpp"
#include "servable/batching/stack_switch.h"

namespace magenta_serving {

class Fiber {
 public:
  Fiber();
  ~Fiber();

  // Gives the fiber something to do; only when it has nothing left to do.
  void Start(std::function<void()> task);

  // Runs the task until it pauses or returns; not while it runs.
  void Resume();

  // Whether the task returned. What it threw, if it did, is thrown here, once.
  bool Finished();

  // The fiber whose task runs on this thread; null outside of tasks.
  static Fiber* Current();

  // Pauses the current task: Resume returns.
  void Pause();

 private:
  boost::context::fiber Loop(boost::context::fiber resumer);

  StackSwitch stack_switch_;
  boost::context::fiber inside_;   // where to go on in the task
  boost::context::fiber resumer_;  // where Resume was called
  std::function<void()> task_;
  std::exception_ptr thrown_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_BATCHING_FIBER_H_
