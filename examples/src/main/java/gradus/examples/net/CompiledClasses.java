package gradus.examples.net;

import gradus.GradusException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The classes of a Java file, compiled to memory against the class path of this program. */
final class CompiledClasses extends ClassLoader {
  private final Path file;
  private final Map<String, Compiled> classes = new HashMap<>();

  private CompiledClasses(Path file) {
    super(CompiledClasses.class.getClassLoader());
    this.file = file;
  }

  static CompiledClasses of(Path file, byte[] source) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new GradusException(
          "To compile " + file + " a JDK is needed, but this Java is a runtime alone.");
    }
    CompiledClasses compiled = new CompiledClasses(file);
    DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(said, Locale.ROOT, StandardCharsets.UTF_8)) {
      List<String> options =
          List.of("-proc:none", "-classpath", System.getProperty("java.class.path"));
      boolean done =
          compiler
              .getTask(
                  null,
                  compiled.new Output(files),
                  said,
                  options,
                  null,
                  List.of(new Source(file, new String(source, StandardCharsets.UTF_8))))
              .call();
      if (!done) {
        throw new GradusException(file + " does not compile:" + errors(said));
      }
      return compiled;
    } catch (IOException e) {
      throw new GradusException("Cannot compile " + file + " (" + e + ").", e);
    }
  }

  private static String errors(DiagnosticCollector<JavaFileObject> said) {
    return said.getDiagnostics().stream()
        .filter(each -> each.getKind() == Diagnostic.Kind.ERROR)
        .map(each -> "\n  line " + each.getLineNumber() + ": " + each.getMessage(Locale.ROOT))
        .collect(Collectors.joining());
  }

  /** The class of this name, in whatever package the file says. */
  Class<?> named(String name) {
    List<String> found = new ArrayList<>();
    for (String each : classes.keySet()) {
      if (each.equals(name) || each.endsWith("." + name)) {
        found.add(each);
      }
    }
    if (found.size() != 1) {
      throw new GradusException(file + " declares no class " + name + ": name it as the file.");
    }
    try {
      return loadClass(found.get(0));
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("It was just compiled.", e);
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    Compiled compiled = classes.get(name);
    if (compiled == null) {
      throw new ClassNotFoundException(name);
    }
    byte[] bytes = compiled.bytes.toByteArray();
    return defineClass(name, bytes, 0, bytes.length);
  }

  /** What is compiled. */
  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(Path file, String text) {
      super(file.toUri(), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  /** Where the compiler puts classes. */
  private final class Output extends ForwardingJavaFileManager<StandardJavaFileManager> {
    Output(StandardJavaFileManager files) {
      super(files);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
      return classes.computeIfAbsent(name, Compiled::new);
    }
  }

  /** One of them. */
  private static final class Compiled extends SimpleJavaFileObject {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Compiled(String name) {
      super(URI.create("memory:///" + name.replace('.', '/') + ".class"), Kind.CLASS);
    }

    @Override
    public OutputStream openOutputStream() {
      return bytes;
    }
  }
}
