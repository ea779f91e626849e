package gradus.bench.profile;

import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.backend.BufferPool;
import gradus.backend.FusedOps;
import gradus.backend.LossOps;
import gradus.backend.MathOps;
import gradus.backend.Memory;
import gradus.backend.NnOps;
import gradus.backend.OptimizerOps;
import gradus.backend.PrecisionSupport;
import gradus.tensor.Precision;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Times every call to another backend by the wall, to the moment in which a device has done it.
 * What it costs to keep account is told apart; to get from here to the other backend costs some
 * hundredths of a microsecond a call, and to wait for a GPU some microseconds, which count as the
 * kernel's.
 */
public final class TimedBackend implements Backend {
  /** Answers of a backend about itself, which compute nothing. */
  private static final Set<String> QUESTIONS =
      Set.of(
          "nn",
          "math",
          "memory",
          "bytes",
          "liveBytes",
          "keepsAddresses",
          "conv2dReluMaxPoolWorkspaceBytes");

  /** How often something was called, for how long altogether, and with how much memory. */
  public static final class Time {
    private long calls;
    private long nanos;
    private long bytes;

    /** Calls since the last {@link #reset}. */
    public long calls() {
      return calls;
    }

    /** Their time. */
    public long nanos() {
      return nanos;
    }

    /** Of the buffers they were given, each counted once a call. */
    public long bytes() {
      return bytes;
    }
  }

  private final Backend backend;
  private final Map<OpCall, Time> times = new LinkedHashMap<>();
  private long watchingNanos;
  private final Memory memory;
  private final MathOps math;
  private final NnOps nn;
  private final LossOps losses;
  private final FusedOps fused;
  private final OptimizerOps optimizers;

  /** Watches {@code backend}, and closes it when it is closed. */
  public TimedBackend(Backend backend) {
    this.backend = backend;
    memory = timed(Memory.class, backend.memory());
    math = timed(MathOps.class, backend.math());
    nn = timed(NnOps.class, backend.nn());
    losses = timed(LossOps.class, backend.losses());
    fused = timed(FusedOps.class, backend.fused());
    optimizers = timed(OptimizerOps.class, backend.optimizers());
  }

  /** What was called since the last {@link #reset}, in the order of first calls. */
  public Map<OpCall, Time> times() {
    return times;
  }

  /** How long it took to keep account of them: no part of the calls, nor of what called. */
  public long watchingNanos() {
    return watchingNanos;
  }

  /** Forgets all times. */
  public void reset() {
    times.clear();
    watchingNanos = 0;
  }

  private <T> T timed(Class<T> type, T ops) {
    InvocationHandler handler = (proxy, method, arguments) -> call(type, ops, method, arguments);
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private Object call(Class<?> type, Object ops, Method method, Object[] arguments)
      throws Throwable {
    long start = System.nanoTime();
    try {
      Object result = method.invoke(ops, arguments);
      if (!QUESTIONS.contains(method.getName())) {
        backend.memory().synchronize();
      }
      return result;
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    } finally {
      if (!QUESTIONS.contains(method.getName())) {
        long end = System.nanoTime();
        Time time =
            times.computeIfAbsent(
                new OpCall(
                    type.getSimpleName(), method.getName(), spec(arguments, 0), spec(arguments, 1)),
                call -> new Time());
        time.calls++;
        time.nanos += end - start;
        time.bytes += bytes(arguments);
        watchingNanos += System.nanoTime() - end;
      }
    }
  }

  private static long bytes(Object[] arguments) {
    long sum = 0;
    for (int i = 0; arguments != null && i < arguments.length; i++) {
      sum += arguments[i] instanceof Buffer buffer ? buffer.bytes() : 0;
    }
    return sum;
  }

  private static Record spec(Object[] arguments, int index) {
    return arguments != null && arguments.length > index && arguments[index] instanceof Record spec
        ? spec
        : null;
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public String describe() {
    return backend.describe();
  }

  @Override
  public PrecisionSupport support(Precision precision) {
    return backend.support(precision);
  }

  @Override
  public boolean roundsGradients(Precision precision) {
    return backend.roundsGradients(precision);
  }

  @Override
  public Memory memory() {
    return memory;
  }

  @Override
  public BufferPool pool() {
    return backend.pool();
  }

  @Override
  public MathOps math() {
    return math;
  }

  @Override
  public NnOps nn() {
    return nn;
  }

  @Override
  public LossOps losses() {
    return losses;
  }

  @Override
  public FusedOps fused() {
    return fused;
  }

  @Override
  public OptimizerOps optimizers() {
    return optimizers;
  }

  @Override
  public void close() {
    backend.close();
  }
}
