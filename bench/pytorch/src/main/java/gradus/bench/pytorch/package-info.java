/** PyTorch, as a peer. */
package gradus.bench.pytorch;
