package gradus.serve;

import gradus.predict.TinyClassifier;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;

/**
 * Loads a server as strangers do: {@code LoadGenerator http://127.0.0.1:8080/ [REQUESTS]
 * [CLIENTS]}. Most requests are pictures; some are text, torn pictures, pictures that claim
 * thousands of millions of pixels, too large, no HTTP, or end in the middle; and beside the clients
 * two more send byte by byte. It prints what was answered, and how fast, and fails if an answer was
 * not the right one.
 */
final class LoadGenerator {
  private enum Kind {
    PICTURE(200),
    TEXT(415),
    TORN(400),
    BOMB(413),
    HUGE(413),
    NO_HTTP(400),
    TRUNCATED(0),
    UNKNOWN_PATH(404);

    private final int wanted;

    Kind(int wanted) {
      this.wanted = wanted;
    }

    /** One in a hundred of each but pictures. */
    static Kind of(int request) {
      int place = request % 100;
      return place < values().length - 1 ? values()[place + 1] : PICTURE;
    }
  }

  private final URI server;
  private final byte[][] pictures = new byte[16][];
  private final byte[] bomb;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicBoolean over = new AtomicBoolean();
  private final int requests;
  private final long[] nanos;
  private final Map<String, Integer> answers = new TreeMap<>();
  private int wrong;

  private LoadGenerator(URI server, int requests) {
    this.server = server;
    this.requests = requests;
    this.nanos = new long[requests];
    for (int i = 0; i < pictures.length; i++) {
      String format = i % 2 == 0 ? "jpeg" : "png";
      pictures[i] = TinyClassifier.file(TinyClassifier.picture(40 + i, 40, i), format);
    }
    bomb = pictures[1].clone();
    ByteBuffer header = ByteBuffer.wrap(bomb);
    header.putInt(16, 60_000).putInt(20, 60_000);
    CRC32 check = new CRC32();
    check.update(bomb, 12, 17);
    header.putInt(29, (int) check.getValue());
  }

  public static void main(String[] arguments) throws InterruptedException {
    int requests = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100_000;
    int clients = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 8;
    System.exit(new LoadGenerator(URI.create(arguments[0]), requests).run(clients) ? 0 : 1);
  }

  private boolean run(int clients) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    long begun = System.nanoTime();
    for (int i = 0; i < clients; i++) {
      threads.add(new Thread(this::client, "client-" + i));
    }
    List<Thread> slow = List.of(new Thread(this::slow), new Thread(this::slow));
    slow.forEach(Thread::start);
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    double seconds = (System.nanoTime() - begun) * 1e-9;
    over.set(true);
    for (Thread thread : slow) {
      thread.join();
    }
    long[] sorted = Arrays.stream(nanos).filter(n -> n > 0).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "%,d requests of %d clients in %.1f s: %,.0f/s; pictures: p50 %.1f ms, p90 %.1f ms, p99 %.1f"
            + " ms, most %.1f ms%n",
        requests,
        clients,
        seconds,
        requests / seconds,
        at(sorted, 0.5),
        at(sorted, 0.9),
        at(sorted, 0.99),
        at(sorted, 1));
    answers.forEach((what, count) -> System.out.printf("%8d  %s%n", count, what));
    System.out.println(wrong + " wrong answers");
    return wrong == 0;
  }

  private static double at(long[] sorted, double part) {
    return sorted[(int) Math.min(sorted.length - 1, part * sorted.length)] * 1e-6;
  }

  private void client() {
    Connection connection = null;
    SplittableRandom random = new SplittableRandom(Thread.currentThread().getName().hashCode());
    for (int i = next.getAndIncrement(); i < requests; i = next.getAndIncrement()) {
      Kind kind = Kind.of(i);
      int status;
      try {
        connection = connection == null ? new Connection(server) : connection;
        long begun = System.nanoTime();
        status = connection.request(kind, this, random);
        if (kind == Kind.PICTURE) {
          nanos[i] = System.nanoTime() - begun;
        }
        if (connection.isOver || kind == Kind.TRUNCATED) {
          connection.close();
          connection = null;
        }
      } catch (IOException e) {
        status = -1;
        connection = null;
      }
      count(kind, status);
    }
  }

  private synchronized void count(Kind kind, int status) {
    answers.merge(kind + " -> " + status, 1, Integer::sum);
    if (status != kind.wanted && status != 503) { // busy is a right answer to anything
      wrong++;
    }
  }

  /** A byte every half second, in the head or in the body. */
  private void slow() {
    boolean head = false;
    while (!over.get()) {
      head = !head;
      String begin = "POST /predict HTTP/1.1\r\n" + (head ? "X: " : "Content-Length: 99\r\n\r\n");
      try (RawClient raw = new RawClient(server)) {
        raw.send(begin);
        while (!over.get()) {
          Thread.sleep(500);
          raw.send("x");
        }
      } catch (IOException cutOff) {
        synchronized (this) {
          answers.merge("SLOW " + (head ? "head" : "body") + " -> cut off", 1, Integer::sum);
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** One that is kept for many requests. */
  private static final class Connection {
    private final Socket socket;
    private final DataInputStream in;
    private boolean isOver;

    Connection(URI server) throws IOException {
      socket = new Socket(server.getHost(), server.getPort());
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(60_000);
      in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
    }

    int request(Kind kind, LoadGenerator load, SplittableRandom random) throws IOException {
      byte[] picture = load.pictures[random.nextInt(load.pictures.length)];
      byte[] body =
          switch (kind) {
            case TEXT -> "This is no picture.".getBytes(StandardCharsets.US_ASCII);
            case TORN -> Arrays.copyOf(load.pictures[1], load.pictures[1].length / 2);
            case BOMB -> load.bomb;
            case NO_HTTP, HUGE -> new byte[0];
            default -> picture;
          };
      String path = kind == Kind.UNKNOWN_PATH ? "/nothing" : "/predict";
      long length = kind == Kind.HUGE ? 1L << 40 : body.length;
      String head =
          kind == Kind.NO_HTTP
              ? "\u0001 no HTTP\r\n\r\n"
              : "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + "\r\n\r\n";
      byte[] start = head.getBytes(StandardCharsets.ISO_8859_1);
      byte[] whole = Arrays.copyOf(start, start.length + body.length);
      System.arraycopy(body, 0, whole, start.length, body.length);
      if (kind == Kind.TRUNCATED) {
        socket.getOutputStream().write(whole, 0, start.length + body.length / 3);
        return 0;
      }
      socket.getOutputStream().write(whole);
      return answer();
    }

    private int answer() throws IOException {
      String status = line();
      int length = 0;
      for (String header = line(); !header.isEmpty(); header = line()) {
        String lower = header.toLowerCase(Locale.ROOT);
        if (lower.startsWith("content-length:")) {
          length = Integer.parseInt(lower.substring(15).strip());
        } else if (lower.equals("connection: close")) {
          isOver = true;
        }
      }
      in.readFully(new byte[length]);
      return Integer.parseInt(status, "HTTP/1.1 ".length(), "HTTP/1.1 200".length(), 10);
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new IOException("the server closed the connection");
        }
        line.append((char) c);
      }
      return line.toString().strip();
    }

    void close() throws IOException {
      socket.close();
    }
  }
}
