"""The pages of the microscope, and how they stand on the screen."""
