/** What was measured, as files keep it. */
package gradus.bench.record;
