#include "servable/batching/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <utility>

#include "boost/context/stack_context.hpp"

namespace magenta_serving {
namespace {

// A fiber's stack. Generators need a few ten kilobytes, or some hundred for the deepest controls
// that Python reads; what is not touched takes no memory, and the page below the stack cannot be
// touched. (Boost's own allocator of this kind is in the part of its library that Debian does not
// compile for use in shared libraries.)
struct GuardedStack {
  static constexpr size_t kBytes = 1 << 20;

  StackSwitch* stack_switch;

  boost::context::stack_context allocate() const {
    void* const memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    if (mprotect(memory, sysconf(_SC_PAGESIZE), PROT_NONE) != 0) {
      munmap(memory, kBytes);
      throw std::bad_alloc();
    }
    boost::context::stack_context stack;
    stack.size = kBytes;
    stack.sp = static_cast<char*>(memory) + kBytes;  // it grows down
    stack_switch->SetStack(memory, kBytes);
    return stack;
  }

  void deallocate(boost::context::stack_context& stack) const {
    void* const memory = static_cast<char*>(stack.sp) - stack.size;
    StackSwitch::Forget(memory, stack.size);
    munmap(memory, stack.size);
  }
};

thread_local Fiber* current = nullptr;

}  // namespace

// A task may go on on another thread than it paused on: not inlined, so that no compiler keeps the
// address of one thread's variable across a pause.
__attribute__((noinline)) Fiber* Fiber::Current() { return current; }

Fiber::Fiber()
    : inside_(std::allocator_arg, GuardedStack{&stack_switch_},
              [this](boost::context::fiber&& resumer) { return Loop(std::move(resumer)); }) {}

Fiber::~Fiber() {
  stack_switch_.LeaveOutside();
  inside_ = {};  // unwinds what is paused
  stack_switch_.EnterOutside();
}

boost::context::fiber Fiber::Loop(boost::context::fiber resumer) {
  stack_switch_.EnterInside();
  // It is left for good when the fiber is destroyed, which throws.
  struct Left {
    StackSwitch* stack_switch;
    ~Left() { stack_switch->LeaveInside(); }
  } left{&stack_switch_};
  resumer_ = std::move(resumer);
  while (true) {
    try {
      task_();
    } catch (const boost::context::detail::forced_unwind&) {
      throw;  // the fiber is destroyed
    } catch (...) {
      thrown_ = std::current_exception();
    }
    task_ = nullptr;
    Pause();
  }
}

void Fiber::Start(std::function<void()> task) { task_ = std::move(task); }

void Fiber::Resume() {
  Fiber* const outer = std::exchange(current, this);
  stack_switch_.LeaveOutside();
  inside_ = std::move(inside_).resume();
  stack_switch_.EnterOutside();
  current = outer;
}

void Fiber::Pause() {
  stack_switch_.LeaveInside();
  // Also when what is paused is unwound.
  struct Entered {
    StackSwitch* stack_switch;
    ~Entered() { stack_switch->EnterInside(); }
  } entered{&stack_switch_};
  resumer_ = std::move(resumer_).resume();
}

bool Fiber::Finished() {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  return task_ == nullptr;
}

}  // namespace magenta_serving
