package gradus.train;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.Collective;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.loss.Loss;
import gradus.tensor.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/**
 * A model and its copies on other devices, each of which works out its share of a batch in a thread
 * of its own. The copies have no will: before each pass they get the weights of the model that
 * leads, and its running statistics, which frozen batch norms use; after it what they have learned
 * is added to the leader's gradients.
 */
final class Replicas implements AutoCloseable {
  /** Enough that a call costs less than what it moves. */
  private static final long BYTES_OF_A_PART = 8 << 20;

  private final List<Model> models;
  private final Loss loss;
  private final Collective collective;
  private final List<GradientParts> gradients = new ArrayList<>(); // of each model
  private final List<ExecutorService> threads = new ArrayList<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  Replicas(Model leader, List<Model> copies, Loss loss) {
    this(leader, copies, loss, BYTES_OF_A_PART);
  }

  /** Gradients travel in parts of about so many bytes. */
  Replicas(Model leader, List<Model> copies, Loss loss, long bytesOfAPart) {
    this.models = new ArrayList<>(List.of(leader));
    this.models.addAll(copies);
    this.loss = loss;
    List<Backend> others = copies.stream().map(Model::backend).toList();
    this.collective = leader.backend().collective(others);
    try {
      for (int i = 0; i < models.size(); i++) {
        int member = i;
        gradients.add(
            new GradientParts(
                models.get(i).parameters(),
                bytesOfAPart,
                part -> collective.beginReduce(member, part)));
      }
      for (int i = 1; i < models.size(); i++) {
        threads.add(thread("gradus-device-" + i));
      }
    } catch (RuntimeException | Error failed) {
      close();
      throw failed;
    }
  }

  /** Started at once: later, one that cannot start would leave the others waiting for it. */
  private static ExecutorService thread(String name) {
    ExecutorService executor =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread thread = new Thread(work, name);
              thread.setDaemon(true);
              return thread;
            });
    CompletableFuture.runAsync(() -> {}, executor).join();
    return executor;
  }

  /** Whether these can be copies of that model, to train with it. */
  static void requireCopies(Model leader, List<Model> copies) {
    List<Backend> backends = new ArrayList<>(List.of(leader.backend()));
    for (Model copy : copies) {
      if (copy.root() == leader.root() || backends.contains(copy.backend())) {
        throw new GradusException(
            "A copy of a model for another device is a network of its own, built on a backend of"
                + " its own: call Model.build with a new network and another backend.");
      }
      if (!copy.state().toString().equals(leader.state().toString())) {
        throw new GradusException(
            "The copy for "
                + copy.backend().describe()
                + " has the parameters "
                + copy.state()
                + ", but the model has "
                + leader.state()
                + ": build both from the same network.");
      }
      backends.add(copy.backend());
    }
  }

  /** Runs a batch forward, each device its share. */
  ForwardPass forward(Batch batch, PassSettings settings) {
    Shares shares = new Shares(batch);
    try {
      everywhere(member -> shares.forward(member, settings));
    } catch (RuntimeException | Error failed) {
      shares.close();
      throw failed;
    }
    return shares;
  }

  /** Runs a part of the step on every device, the leader's on this thread, and waits for all. */
  private void everywhere(IntConsumer part) {
    CompletableFuture<?>[] others = new CompletableFuture<?>[threads.size()];
    for (int i = 0; i < others.length; i++) {
      int member = i + 1;
      others[i] = CompletableFuture.runAsync(() -> attempt(part, member), threads.get(i));
    }
    attempt(part, 0);
    CompletableFuture.allOf(others).join();
    Throwable first = failure.get();
    if (first instanceof Error error) {
      throw error;
    }
    if (first != null) {
      throw (RuntimeException) first;
    }
  }

  /** Nobody is left waiting for one that has failed. */
  private void attempt(IntConsumer part, int member) {
    try {
      part.accept(member);
    } catch (RuntimeException | Error failed) {
      failure.compareAndSet(null, failed);
      try {
        collective.abort();
      } catch (RuntimeException another) {
        failed.addSuppressed(another);
      }
    }
  }

  String describe() {
    return collective.describe();
  }

  @Override
  public void close() {
    threads.forEach(ExecutorService::shutdown);
    gradients.forEach(GradientParts::close);
    collective.close();
  }

  /** A batch in as many parts as there are devices; a small one leaves some without any. */
  private final class Shares implements ForwardPass {
    private final Batch batch;
    private final DevicePass[] passes = new DevicePass[models.size()];

    Shares(Batch batch) {
      this.batch = batch;
    }

    /** The leader always has some. */
    private int first(int member) {
      return (int) (((long) batch.size() * member + passes.length - 1) / passes.length);
    }

    private int count(int member) {
      return first(member + 1) - first(member);
    }

    void forward(int member, PassSettings settings) {
      Model model = models.get(member);
      collective.broadcast(member, model.parameters().values());
      collective.broadcast(member, model.parameters().statistics());
      freezeLikeLeader(model);
      int count = count(member);
      if (count > 0) {
        Batch share = batch.slice(first(member), count);
        passes[member] =
            new DevicePass(model, loss, share, settings.of(member), gradients.get(member)::follow);
        passes[member].loss(); // in the thread of its device, which is asked here alone
        passes[member].correct();
      }
    }

    private void freezeLikeLeader(Model model) {
      List<Parameter> leaders = models.get(0).parameters().list();
      List<Parameter> own = model.parameters().list();
      for (int i = 0; i < own.size(); i++) {
        own.get(i).setFrozen(!leaders.get(i).isTrainable());
      }
    }

    @Override
    public float loss() {
      double sum = 0;
      for (int i = 0; i < passes.length; i++) {
        sum += passes[i] == null ? 0 : (double) passes[i].loss() * count(i);
      }
      return (float) (sum / batch.size());
    }

    @Override
    public int correct() {
      int sum = 0;
      for (DevicePass pass : passes) {
        sum += pass == null ? 0 : pass.correct();
      }
      return sum;
    }

    @Override
    public void backward(float scale) {
      everywhere(member -> backward(member, scale));
      for (Model copy : models.subList(1, models.size())) {
        takeOver(copy);
      }
    }

    private void backward(int member, float scale) {
      gradients.get(member).begin();
      if (passes[member] != null) {
        passes[member].backward(scale * count(member) / batch.size());
      }
      gradients.get(member).finish();
      collective.finishReduce(member);
      if (member > 0) { // nobody else would hear of what fails on this device
        models.get(member).backend().memory().synchronize();
      }
    }

    /** What a copy has found is the leader's now, also where its own share had nothing to say. */
    private void takeOver(Model copy) {
      List<Parameter> leaders = models.get(0).parameters().list();
      List<Parameter> found = copy.parameters().list();
      for (int i = 0; i < found.size(); i++) {
        if (found.get(i).hasGradient() && leaders.get(i).isTrainable()) {
          leaders.get(i).gradientBeta();
        }
        found.get(i).gradientUsed();
      }
    }

    @Override
    public void close() {
      for (DevicePass pass : passes) {
        if (pass != null) {
          pass.close();
        }
      }
    }
  }
}
