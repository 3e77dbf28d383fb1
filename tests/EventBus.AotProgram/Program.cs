using EventBus.AotProgram;
using EventBus.AotProgram.Checks;

// One line per way of using the bus. A check throws when what came is not what was promised.
(string Name, Func<Task> Run)[] checks =
[
    ("typed handlers", Handlers.Typed_handlers_get_their_events),
    ("lambdas without a container", Handlers.Lambdas_need_no_container),
    ("scopes", Handlers.Each_delivery_has_its_own_scope),
    ("inline", Handlers.Inline_handlers_run_within_the_publish),
    ("base types and structs", Routing.A_handler_of_a_base_type_gets_every_event_of_it),
    ("several event types", Routing.One_subscription_handles_several_event_types),
    ("order by key", Routing.Keys_keep_their_order),
    ("retries and dead letters", Failures.What_fails_is_retried_and_then_kept),
    ("middleware", Middleware.Middleware_stands_around_handlers_of_classes_and_structs),
    ("streams", Streams.A_stream_gives_what_is_published),
    ("the log", Durability.Durable_events_are_stored_and_read_as_json),
    ("a restart", Durability.A_restart_goes_on_where_the_process_stopped),
    ("a type that the context lacks", Durability.A_type_without_generated_json_is_refused_when_the_bus_is_built),
    ("a type that would not come back", Durability.A_type_that_would_not_come_back_is_refused_when_the_bus_is_built),
    ("a host", Hosts.A_host_starts_and_drains_the_bus),
    ("the test bus", Hosts.The_test_bus_knows_what_happened),
];

var failed = 0;
foreach (var (name, run) in checks)
{
    try
    {
        await run().WaitAsync(TimeSpan.FromSeconds(30));
        Console.WriteLine($"ok      {name}");
    }
    catch (Exception exception)
    {
        failed++;
        Console.WriteLine($"FAILED  {name}: {exception}");
    }
}

Console.WriteLine($"{checks.Length - failed} passed, {failed} failed");
return failed == 0 ? 0 : 1;
