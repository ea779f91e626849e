package gradus.backend.tck;

/**
 * The whole conformance kit. Extend it, say how to open the backend, and every check runs:
 *
 * <pre>{@code
 * class CpuBackendTest extends BackendTck {
 *   @Override
 *   public Backend open(BackendOptions options) {
 *     return Backends.named("cpu", options);
 *   }
 * }
 * }</pre>
 */
public abstract class BackendTck
    implements MemoryContract,
        OpEquivalenceContract,
        DeterminismContract,
        InstanceContract,
        CollectiveContract,
        TinyTrainingContract,
        MixedPrecisionContract {}
