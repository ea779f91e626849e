package gradus.examples.command;

import gradus.doctor.Doctor;
import gradus.doctor.DoctorMode;
import gradus.doctor.Finding;
import gradus.doctor.Subject;
import gradus.train.Trainer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** The option that says how much the training doctor may do. */
final class DoctorChoice {
  /** From nothing to everything. */
  enum Care {
    OFF(null),
    WATCH(DoctorMode.WATCH),
    PROBE(DoctorMode.PROBE),
    TREAT(DoctorMode.TREAT);

    private final DoctorMode mode;

    Care(DoctorMode mode) {
      this.mode = mode;
    }
  }

  @Option(
      names = "--doctor",
      paramLabel = "MODE",
      defaultValue = "probe",
      description =
          "What the training doctor may do: off; watch; probe, which tries for some steps what would"
              + " cure a run that does badly, and puts everything back; treat, which applies a"
              + " confirmed remedy. Default: ${DEFAULT-VALUE}")
  private Care care;

  /**
   * Has a doctor watch a run from its start.
   *
   * @param seen what was found before training, or null if nobody looked
   * @param told of each finding
   */
  RunDoctor watch(
      Trainer trainer, RunFolder run, Subject subject, List<Finding> seen, Consumer<Finding> told) {
    if (care == Care.OFF) {
      return RunDoctor.NONE;
    }
    Doctor doctor =
        Doctor.attach(subject.model(), subject.loss(), subject.optimizer())
            .data(subject.train(), subject.validation())
            .mode(care.mode)
            .seed(subject.seed())
            .onFinding(told);
    if (seen != null) {
      doctor.examined(seen);
    }
    RunDoctor files = new RunDoctor(doctor, run.vitals());
    trainer.doctor(doctor).listener(files);
    return files;
  }

  void describe(Map<String, Object> configuration) {
    configuration.put("doctor", Choice.label(care));
  }
}
