/** The commands of the command line, one class each. */
package gradus.examples.command;
