"""Programs around a node that use nothing of it but its public interface."""
