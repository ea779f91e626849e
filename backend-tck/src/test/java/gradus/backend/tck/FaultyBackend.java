package gradus.backend.tck;

import gradus.backend.Backend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** A backend with one mistake, to see whether the kit finds it. */
final class FaultyBackend {
  /** What happens instead of the op; {@code call} is the right thing. */
  @FunctionalInterface
  interface Mistake {
    void instead(Object[] arguments, Call call);
  }

  /** The op as it should be. */
  @FunctionalInterface
  interface Call {
    void run();
  }

  private FaultyBackend() {}

  /** {@code right}, but with the mistake in every SPI method of that name. */
  static Backend of(Backend right, String op, Mistake mistake) {
    return proxy(
        Backend.class,
        right,
        (method, arguments) -> {
          Object part = invoke(right, method, arguments);
          return method.getReturnType().getSimpleName().endsWith("Ops")
              ? faulty(method.getReturnType(), part, op, mistake)
              : part;
        });
  }

  private static <T> T faulty(Class<T> ops, Object right, String op, Mistake mistake) {
    return proxy(
        ops,
        right,
        (method, arguments) -> {
          if (!method.getName().equals(op)) {
            return invoke(right, method, arguments);
          }
          mistake.instead(arguments, () -> invoke(right, method, arguments));
          return null;
        });
  }

  @FunctionalInterface
  private interface Handler {
    Object handle(Method method, Object[] arguments);
  }

  private static <T> T proxy(Class<T> type, Object right, Handler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            right.getClass().getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> handler.handle(method, arguments)));
  }

  private static Object invoke(Object target, Method method, Object[] arguments) {
    try {
      method.setAccessible(true);
      return method.invoke(target, arguments);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(e);
    }
  }
}
